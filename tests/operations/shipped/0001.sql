BEGIN TRANSACTION;
CREATE TABLE accounts (
	account_id VARCHAR(36) NOT NULL, 
	clinic_id VARCHAR(36) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	username VARCHAR(64), 
	password_hash VARCHAR(200), 
	display_name VARCHAR(120) NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (account_id), 
	CONSTRAINT fk_accounts_clinic_id_clinics FOREIGN KEY(clinic_id) REFERENCES clinics (clinic_id), 
	CONSTRAINT uq_accounts_clinic_id_account_id UNIQUE (clinic_id, account_id), 
	CONSTRAINT uq_accounts_username UNIQUE (username)
);
INSERT INTO "accounts" VALUES('f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','7e6db896-2a88-4cf1-b3e7-fe364e620086','clinician','dr_cole','$argon2id$v=19$m=19456,t=2,p=1$0VtswnGoXrA0Fh2/uTYxRw$gsoIFjYhaYYXPkNug1FH74W6IiozF5D84jzH8ksuc20','Dr Cole',1,'2026-11-20 10:00:00.000000');
INSERT INTO "accounts" VALUES('1b97ad07-7522-4674-87a9-003e41bf7b4a','7e6db896-2a88-4cf1-b3e7-fe364e620086','administrator','mo','$argon2id$v=19$m=19456,t=2,p=1$wq7kSsk9YcAtvHZnlgso7g$d6LOn50vfaKcZbfPMEZSCZx1IZv5pRbNndDXV+h3NAg','Mo',1,'2026-11-20 10:00:00.000000');
INSERT INTO "accounts" VALUES('2d8384a3-65c5-47a0-8946-c526d2c1b06a','817c78fb-005d-42ae-a5d7-1711d8c6cfad','clinician','dr_dunn','$argon2id$v=19$m=19456,t=2,p=1$+jR/19Ua65AftDA6MtNPFw$88graMfIeUCJSpi7hiFj0FQdrd3BDw+PluYQeBW263A','Dr Dunn',1,'2026-11-20 10:00:00.000000');
INSERT INTO "accounts" VALUES('87faec44-ddc9-4105-99d7-59ba6ac02a3c','7e6db896-2a88-4cf1-b3e7-fe364e620086','patient','ana','$argon2id$v=19$m=19456,t=2,p=1$B2RiVXvYYyGH6AqNNlrsmQ$HUtAKSLDRkEA/wgvCmQ2eKZoO3huDRsgzN0sJkauHQg','Ana Renner',1,'2026-11-20 10:00:00.000000');
INSERT INTO "accounts" VALUES('31c16623-5b5d-4ff3-bd1a-ff940184de85','7e6db896-2a88-4cf1-b3e7-fe364e620086','patient','ben','$argon2id$v=19$m=19456,t=2,p=1$CUuz2EsL+UBeSAE8ZEthkg$KiLrIvvaRWRr+KBm9PIhIy5Hg39CgWUX0nO44gTF64g','Ben T.',1,'2026-11-20 10:00:00.000000');
INSERT INTO "accounts" VALUES('20220e2a-72e7-4413-866e-f9e95def0722','7e6db896-2a88-4cf1-b3e7-fe364e620086','patient',NULL,NULL,'Mira K.',1,'2026-11-20 10:00:00.000000');
INSERT INTO "accounts" VALUES('10920b54-08fd-41c7-b955-f53f5e54749e','7e6db896-2a88-4cf1-b3e7-fe364e620086','patient',NULL,NULL,'Tom O.',1,'2026-11-20 10:00:00.000000');
INSERT INTO "accounts" VALUES('6b8aac57-02e8-4e3c-855f-a069ae078236','7e6db896-2a88-4cf1-b3e7-fe364e620086','patient',NULL,NULL,'Sana L.',1,'2026-11-20 10:00:00.000000');
INSERT INTO "accounts" VALUES('42ea02f0-9c30-4673-8913-8fc7c41ed2ad','7e6db896-2a88-4cf1-b3e7-fe364e620086','patient',NULL,NULL,'Ivo P.',1,'2026-11-20 10:00:00.000000');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE attention (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	rank INTEGER NOT NULL, 
	event_id VARCHAR(36) NOT NULL, 
	since DATETIME NOT NULL, 
	unread_count INTEGER NOT NULL, 
	newest_at DATETIME NOT NULL, 
	CONSTRAINT pk_attention PRIMARY KEY (clinic_id, patient_id), 
	CONSTRAINT fk_attention_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "attention" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','20220e2a-72e7-4413-866e-f9e95def0722',4,'27f4bb25-a001-4f89-9234-038f4ed0f335','2026-11-20 10:00:00.000000',1,'2026-11-20 10:00:00.000000');
INSERT INTO "attention" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','10920b54-08fd-41c7-b955-f53f5e54749e',2,'2fa8eb79-69be-48df-bca0-2ef14dd8afa4','2026-11-20 10:00:00.000000',1,'2026-11-20 10:00:00.000000');
INSERT INTO "attention" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','6b8aac57-02e8-4e3c-855f-a069ae078236',3,'8a362ea3-4b71-4082-9cee-bd683d605a87','2026-11-20 10:00:00.000000',1,'2026-11-20 10:00:00.000000');
INSERT INTO "attention" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',1,'e011afd5-5959-4a21-b6c4-3eb234f916ce','2026-11-20 10:00:00.000000',1,'2026-11-20 10:00:00.000000');
INSERT INTO "attention" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',4,'244caf9c-4dab-4481-b253-edc618187993','2026-11-20 10:05:00.000000',2,'2026-11-20 10:05:00.000000');
CREATE TABLE audit_entries (
	entry_id INTEGER NOT NULL, 
	clinic_id VARCHAR(36) NOT NULL, 
	at DATETIME NOT NULL, 
	actor_id VARCHAR(36), 
	actor_name VARCHAR(200) NOT NULL, 
	action VARCHAR(60) NOT NULL, 
	subject_id VARCHAR(36), 
	detail JSON NOT NULL, 
	CONSTRAINT pk_audit_entries PRIMARY KEY (entry_id)
);
INSERT INTO "audit_entries" VALUES(1,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','clinic.signed',NULL,'{"version":2,"what":"signed"}');
INSERT INTO "audit_entries" VALUES(2,'817c78fb-005d-42ae-a5d7-1711d8c6cfad','2026-11-20 10:00:00.000000','2d8384a3-65c5-47a0-8946-c526d2c1b06a','Dr Dunn','clinic.signed',NULL,'{"version":2,"what":"signed"}');
INSERT INTO "audit_entries" VALUES(3,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.added','87faec44-ddc9-4105-99d7-59ba6ac02a3c','{}');
INSERT INTO "audit_entries" VALUES(4,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','treatment.added','87faec44-ddc9-4105-99d7-59ba6ac02a3c','{"treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9"}');
INSERT INTO "audit_entries" VALUES(5,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.added','31c16623-5b5d-4ff3-bd1a-ff940184de85','{}');
INSERT INTO "audit_entries" VALUES(6,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','treatment.added','31c16623-5b5d-4ff3-bd1a-ff940184de85','{"treatment_id":"fc598c24-6cf8-433b-ba1a-abda94e0bb9e"}');
INSERT INTO "audit_entries" VALUES(7,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.added','20220e2a-72e7-4413-866e-f9e95def0722','{}');
INSERT INTO "audit_entries" VALUES(8,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','treatment.added','20220e2a-72e7-4413-866e-f9e95def0722','{"treatment_id":"4f689337-681a-4b10-8935-c5c683fcc626"}');
INSERT INTO "audit_entries" VALUES(9,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.added','10920b54-08fd-41c7-b955-f53f5e54749e','{}');
INSERT INTO "audit_entries" VALUES(10,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','treatment.added','10920b54-08fd-41c7-b955-f53f5e54749e','{"treatment_id":"235765d6-baee-471f-9137-f6876aa8a722"}');
INSERT INTO "audit_entries" VALUES(11,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.added','6b8aac57-02e8-4e3c-855f-a069ae078236','{}');
INSERT INTO "audit_entries" VALUES(12,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','treatment.added','6b8aac57-02e8-4e3c-855f-a069ae078236','{"treatment_id":"9d3d5947-509d-470c-a7ae-f7c70d11d6ba"}');
INSERT INTO "audit_entries" VALUES(13,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.added','42ea02f0-9c30-4673-8913-8fc7c41ed2ad','{}');
INSERT INTO "audit_entries" VALUES(14,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','treatment.added','42ea02f0-9c30-4673-8913-8fc7c41ed2ad','{"treatment_id":"816eb48d-b021-429e-9d46-56109ca2f6e7"}');
INSERT INTO "audit_entries" VALUES(15,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:05:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','session.started',NULL,'{}');
INSERT INTO "audit_entries" VALUES(16,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:05:00.000000','87faec44-ddc9-4105-99d7-59ba6ac02a3c','Ana R.','session.started',NULL,'{}');
INSERT INTO "audit_entries" VALUES(17,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:35:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.seen','87faec44-ddc9-4105-99d7-59ba6ac02a3c','{}');
INSERT INTO "audit_entries" VALUES(18,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:35:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','worklist.seen',NULL,'{}');
INSERT INTO "audit_entries" VALUES(19,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:35:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.changed','87faec44-ddc9-4105-99d7-59ba6ac02a3c','{"before":["Ana R.","R-2201","07700 900461"]}');
INSERT INTO "audit_entries" VALUES(20,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:35:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','patient.seen','87faec44-ddc9-4105-99d7-59ba6ac02a3c','{}');
INSERT INTO "audit_entries" VALUES(21,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:35:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','check_in.read','87faec44-ddc9-4105-99d7-59ba6ac02a3c','{"review_id":"31d974d0-c7b8-4abd-a679-3e1d911ba226"}');
INSERT INTO "audit_entries" VALUES(22,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:36:00.000000','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','invite.reset','87faec44-ddc9-4105-99d7-59ba6ac02a3c','{}');
INSERT INTO "audit_entries" VALUES(23,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:36:00.000000','1b97ad07-7522-4674-87a9-003e41bf7b4a','Mo','session.started',NULL,'{}');
INSERT INTO "audit_entries" VALUES(24,'7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:36:00.000000','1b97ad07-7522-4674-87a9-003e41bf7b4a','Mo','audit.seen',NULL,'{}');
CREATE TABLE check_in_events (
	clinic_id VARCHAR(36) NOT NULL, 
	event_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	seq INTEGER NOT NULL, 
	device_id VARCHAR(36) NOT NULL, 
	dseq BIGINT NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	supersedes VARCHAR(36), 
	treatment_id VARCHAR(36) NOT NULL, 
	event JSON NOT NULL, 
	content_sha256 VARCHAR(64) NOT NULL, 
	received_at DATETIME NOT NULL, 
	clock_offset_s BIGINT NOT NULL, 
	CONSTRAINT pk_check_in_events PRIMARY KEY (clinic_id, event_id), 
	CONSTRAINT fk_check_in_events_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id), 
	CONSTRAINT fk_check_in_events_clinic_id_treatment_id_treatments FOREIGN KEY(clinic_id, treatment_id) REFERENCES treatments (clinic_id, treatment_id), 
	CONSTRAINT uq_check_in_events_clinic_id_device_id_dseq UNIQUE (clinic_id, device_id, dseq), 
	CONSTRAINT uq_check_in_events_clinic_id_patient_id_seq UNIQUE (clinic_id, patient_id, seq)
);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','763d6df2-d2eb-4993-aebf-5fae0347bbcd','87faec44-ddc9-4105-99d7-59ba6ac02a3c',2,'fbe0cc5b-061a-4f06-ba7f-8b1c7ccc2a2c',1,'start',NULL,'756dc105-0761-413a-aef3-88ecb47d0ef9','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"fbe0cc5b-061a-4f06-ba7f-8b1c7ccc2a2c","dseq":1,"event_id":"763d6df2-d2eb-4993-aebf-5fae0347bbcd","form_version":1,"kind":"start","local_date":"2026-11-20","owner":"87faec44-ddc9-4105-99d7-59ba6ac02a3c","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9","verdict":null}','3667d79b5ef63554c285430d68c0d82ea2fa44d24cefa0e807066b8333742db7','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','63209f8e-3144-4aea-b8ea-8fe41441f314','31c16623-5b5d-4ff3-bd1a-ff940184de85',2,'78fa87e1-cd08-4051-bf09-72a043c6b238',1,'start',NULL,'fc598c24-6cf8-433b-ba1a-abda94e0bb9e','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"78fa87e1-cd08-4051-bf09-72a043c6b238","dseq":1,"event_id":"63209f8e-3144-4aea-b8ea-8fe41441f314","form_version":1,"kind":"start","local_date":"2026-11-20","owner":"31c16623-5b5d-4ff3-bd1a-ff940184de85","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"fc598c24-6cf8-433b-ba1a-abda94e0bb9e","verdict":null}','7efb501b03e20a5f7aaabda0e83151365f48a7e65ed43bd9d0c4d31d35d67d7f','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','013df140-8721-4ede-b351-e2e54ae3caae','20220e2a-72e7-4413-866e-f9e95def0722',2,'862d4786-a902-4933-953c-87f9cc0e32f3',1,'start',NULL,'4f689337-681a-4b10-8935-c5c683fcc626','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"862d4786-a902-4933-953c-87f9cc0e32f3","dseq":1,"event_id":"013df140-8721-4ede-b351-e2e54ae3caae","form_version":1,"kind":"start","local_date":"2026-11-20","owner":"20220e2a-72e7-4413-866e-f9e95def0722","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"4f689337-681a-4b10-8935-c5c683fcc626","verdict":null}','0aa2c1f844104af9040551efce84ed6c0ef0708524caba03eefa0b1e865d40c6','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','27f4bb25-a001-4f89-9234-038f4ed0f335','20220e2a-72e7-4413-866e-f9e95def0722',4,'31663f14-a55c-4441-a2ee-01258d534326',1,'create',NULL,'4f689337-681a-4b10-8935-c5c683fcc626','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":true,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":8,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":38.4,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"31663f14-a55c-4441-a2ee-01258d534326","dseq":1,"event_id":"27f4bb25-a001-4f89-9234-038f4ed0f335","form_version":1,"kind":"create","local_date":"2026-11-20","owner":"20220e2a-72e7-4413-866e-f9e95def0722","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"4f689337-681a-4b10-8935-c5c683fcc626","verdict":{"level":"emergency","reasons":["E7_FEVER_JOINT"]}}','07d867435a221547f51518da780e32c1e97335d707267e884d4ab30695ac7c6e','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','17826992-d469-47f1-bef1-01408483f91e','10920b54-08fd-41c7-b955-f53f5e54749e',2,'d29a8a65-788f-4f41-80c5-5afdd92d7926',1,'start',NULL,'235765d6-baee-471f-9137-f6876aa8a722','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"d29a8a65-788f-4f41-80c5-5afdd92d7926","dseq":1,"event_id":"17826992-d469-47f1-bef1-01408483f91e","form_version":1,"kind":"start","local_date":"2026-11-20","owner":"10920b54-08fd-41c7-b955-f53f5e54749e","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"235765d6-baee-471f-9137-f6876aa8a722","verdict":null}','d4504e159d3866542062a87db6c931702c958fa98b8f9e32b15bf30f7cc94de9','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','2fa8eb79-69be-48df-bca0-2ef14dd8afa4','10920b54-08fd-41c7-b955-f53f5e54749e',4,'99cf46d1-ef71-4996-a35b-fdeebf95c850',1,'create',NULL,'235765d6-baee-471f-9137-f6876aa8a722','{"answers":{"breathless":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":7,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"99cf46d1-ef71-4996-a35b-fdeebf95c850","dseq":1,"event_id":"2fa8eb79-69be-48df-bca0-2ef14dd8afa4","form_version":1,"kind":"create","local_date":"2026-11-20","owner":"10920b54-08fd-41c7-b955-f53f5e54749e","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"235765d6-baee-471f-9137-f6876aa8a722","verdict":{"level":"clinic_hours","reasons":["C1_PAIN_HIGH","C2_PAIN_NOT_SETTLED"]}}','a7ebe99d8af8ba59482b610bac61985dcb874ff88383b9f600c140e8230a6a26','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','07e44a41-81c5-4645-ad4c-9d0df63eda12','6b8aac57-02e8-4e3c-855f-a069ae078236',2,'46a77de3-eceb-40e8-939e-6cc95f32ea9d',1,'start',NULL,'9d3d5947-509d-470c-a7ae-f7c70d11d6ba','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"46a77de3-eceb-40e8-939e-6cc95f32ea9d","dseq":1,"event_id":"07e44a41-81c5-4645-ad4c-9d0df63eda12","form_version":1,"kind":"start","local_date":"2026-11-20","owner":"6b8aac57-02e8-4e3c-855f-a069ae078236","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"9d3d5947-509d-470c-a7ae-f7c70d11d6ba","verdict":null}','77e182423d16e3761de75990370dcad192cb2e1ecd367c4e11937220d35b500f','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','8a362ea3-4b71-4082-9cee-bd683d605a87','6b8aac57-02e8-4e3c-855f-a069ae078236',4,'45d24d82-4823-42b4-8f65-c59012844815',1,'create',NULL,'9d3d5947-509d-470c-a7ae-f7c70d11d6ba','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":4,"pain_trend_self":"same","rash":"none","redness":"none","site_alarm":false,"swelling":"moderate","temp_c":null,"very_unwell":false,"warmth":true,"weakness":false},"clock_behind":false,"device_id":"45d24d82-4823-42b4-8f65-c59012844815","dseq":1,"event_id":"8a362ea3-4b71-4082-9cee-bd683d605a87","form_version":1,"kind":"create","local_date":"2026-11-20","owner":"6b8aac57-02e8-4e3c-855f-a069ae078236","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"9d3d5947-509d-470c-a7ae-f7c70d11d6ba","verdict":{"level":"same_day","reasons":["S5_HOT_SWOLLEN_LATE"]}}','64103c0505ad4996057e9c360e76ae1c72cedf5b38f43a519a3d24bc80d5478d','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','c15bd17f-57ec-469a-be30-65764f6af488','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',2,'5e28cb6b-fc8b-4203-ba95-3115b67969d7',1,'start',NULL,'816eb48d-b021-429e-9d46-56109ca2f6e7','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"5e28cb6b-fc8b-4203-ba95-3115b67969d7","dseq":1,"event_id":"c15bd17f-57ec-469a-be30-65764f6af488","form_version":1,"kind":"start","local_date":"2026-11-20","owner":"42ea02f0-9c30-4673-8913-8fc7c41ed2ad","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"816eb48d-b021-429e-9d46-56109ca2f6e7","verdict":null}','19e6b8f3b9c28c957bc8122e7a7fd12984a7603c2e8f4a42a3695d6edfdc0a31','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','e011afd5-5959-4a21-b6c4-3eb234f916ce','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',4,'fcb7e9fd-e2c9-4303-b484-cd597704a0df',1,'create',NULL,'816eb48d-b021-429e-9d46-56109ca2f6e7','{"answers":{"breathless":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":3,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"fcb7e9fd-e2c9-4303-b484-cd597704a0df","dseq":1,"event_id":"e011afd5-5959-4a21-b6c4-3eb234f916ce","form_version":1,"kind":"create","local_date":"2026-11-20","owner":"42ea02f0-9c30-4673-8913-8fc7c41ed2ad","recorded_at":"2026-11-20T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"816eb48d-b021-429e-9d46-56109ca2f6e7","verdict":{"level":"expected","reasons":["N1_EXPECTED_FLARE"]}}','e5f56e28ea2d9f848910eccf3103f35c2d06c8e445c5df8e8d473a03d205e2d8','2026-11-20 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','73ab4876-7734-47c1-87fd-e805ec99108d','87faec44-ddc9-4105-99d7-59ba6ac02a3c',4,'db5b5fab-8f4d-4e27-9da1-494c73cf256d',1,'start',NULL,'756dc105-0761-413a-aef3-88ecb47d0ef9','{"answers":{"anticoagulant":false,"diabetes":null,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":6,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"db5b5fab-8f4d-4e27-9da1-494c73cf256d","dseq":1,"event_id":"73ab4876-7734-47c1-87fd-e805ec99108d","form_version":1,"kind":"start","local_date":"2026-11-20","owner":"87faec44-ddc9-4105-99d7-59ba6ac02a3c","recorded_at":"2026-11-20T10:01:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9","verdict":null}','ee8b0d558c993ce581e7edb25038ac2dead2b900be20dc273272c08db11eb8cf','2026-11-20 10:05:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','309d6b79-965e-4a32-9ae4-45508201e2bd','87faec44-ddc9-4105-99d7-59ba6ac02a3c',6,'db5b5fab-8f4d-4e27-9da1-494c73cf256d',2,'create',NULL,'756dc105-0761-413a-aef3-88ecb47d0ef9','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"note":"Stairs were hard. Größe, 膝, 🦵.","numbness":false,"pain_now":4,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"db5b5fab-8f4d-4e27-9da1-494c73cf256d","dseq":2,"event_id":"309d6b79-965e-4a32-9ae4-45508201e2bd","form_version":1,"kind":"create","local_date":"2026-11-20","owner":"87faec44-ddc9-4105-99d7-59ba6ac02a3c","recorded_at":"2026-11-20T10:02:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9","verdict":{"level":"expected","reasons":["N2_ON_TRACK"]}}','b3338abdfd4939f489733d1c36997e5e834c5508f48bc90083b399ef08e95bf0','2026-11-20 10:05:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','79cb9e86-830c-41c2-8dcc-69292f45e678','87faec44-ddc9-4105-99d7-59ba6ac02a3c',7,'db5b5fab-8f4d-4e27-9da1-494c73cf256d',3,'amend','309d6b79-965e-4a32-9ae4-45508201e2bd','756dc105-0761-413a-aef3-88ecb47d0ef9','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":true,"limb_cold_pale":false,"neuro_severe":false,"note":"Shivery now.","numbness":false,"pain_now":7,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":38.4,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"db5b5fab-8f4d-4e27-9da1-494c73cf256d","dseq":3,"event_id":"79cb9e86-830c-41c2-8dcc-69292f45e678","form_version":1,"kind":"amend","local_date":"2026-11-20","owner":"87faec44-ddc9-4105-99d7-59ba6ac02a3c","recorded_at":"2026-11-20T10:03:00+00:00","rules_version":1,"supersedes":"309d6b79-965e-4a32-9ae4-45508201e2bd","time_zone":"Europe/London","treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9","verdict":{"level":"same_day","reasons":["S1_FEVER"]}}','774b13cd9343f5e308a65397bb081bd2ef87c7a304fcb164b335a10680d7506c','2026-11-20 10:05:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','2fa91425-cb00-4853-9d2c-67eda13ffe79','87faec44-ddc9-4105-99d7-59ba6ac02a3c',8,'db5b5fab-8f4d-4e27-9da1-494c73cf256d',4,'called','309d6b79-965e-4a32-9ae4-45508201e2bd','756dc105-0761-413a-aef3-88ecb47d0ef9','{"answers":{},"clock_behind":false,"device_id":"db5b5fab-8f4d-4e27-9da1-494c73cf256d","dseq":4,"event_id":"2fa91425-cb00-4853-9d2c-67eda13ffe79","form_version":1,"kind":"called","local_date":"2026-11-20","owner":"87faec44-ddc9-4105-99d7-59ba6ac02a3c","recorded_at":"2026-11-20T10:04:00+00:00","rules_version":1,"supersedes":"309d6b79-965e-4a32-9ae4-45508201e2bd","time_zone":"Europe/London","treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9","verdict":null}','18cc8dc85d9d80e151d3e4586c04a4ba51f4e618fee5ac783b6ea49938321126','2026-11-20 10:05:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','244caf9c-4dab-4481-b253-edc618187993','87faec44-ddc9-4105-99d7-59ba6ac02a3c',9,'db5b5fab-8f4d-4e27-9da1-494c73cf256d',5,'create',NULL,'756dc105-0761-413a-aef3-88ecb47d0ef9','{"answers":{"breathless":true},"clock_behind":false,"device_id":"db5b5fab-8f4d-4e27-9da1-494c73cf256d","dseq":5,"event_id":"244caf9c-4dab-4481-b253-edc618187993","form_version":1,"kind":"create","local_date":"2026-11-20","owner":"87faec44-ddc9-4105-99d7-59ba6ac02a3c","recorded_at":"2026-11-20T10:05:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9","verdict":{"level":"emergency","reasons":["E1_BREATHING"]}}','a888b2a4c3a0034e4ef5e531c6a0e40431995815a6935261dc4e8487839f5daa','2026-11-20 10:05:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','e3eff9c0-cf44-4d3f-89e7-d15f17362f25','87faec44-ddc9-4105-99d7-59ba6ac02a3c',10,'db5b5fab-8f4d-4e27-9da1-494c73cf256d',6,'retract','244caf9c-4dab-4481-b253-edc618187993','756dc105-0761-413a-aef3-88ecb47d0ef9','{"answers":{},"clock_behind":false,"device_id":"db5b5fab-8f4d-4e27-9da1-494c73cf256d","dseq":6,"event_id":"e3eff9c0-cf44-4d3f-89e7-d15f17362f25","form_version":1,"kind":"retract","local_date":"2026-11-20","owner":"87faec44-ddc9-4105-99d7-59ba6ac02a3c","recorded_at":"2026-11-20T10:06:00+00:00","rules_version":1,"supersedes":"244caf9c-4dab-4481-b253-edc618187993","time_zone":"Europe/London","treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9","verdict":null}','fd49d48308899c6fe3410e25c2f744144df10e48a1dd009d050eeb171561e659','2026-11-20 10:05:00.000000',0);
INSERT INTO "check_in_events" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','986e86cb-0ab8-4b67-a26b-7f62b1852f27','87faec44-ddc9-4105-99d7-59ba6ac02a3c',11,'db5b5fab-8f4d-4e27-9da1-494c73cf256d',7,'create',NULL,'756dc105-0761-413a-aef3-88ecb47d0ef9','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":4,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"db5b5fab-8f4d-4e27-9da1-494c73cf256d","dseq":7,"event_id":"986e86cb-0ab8-4b67-a26b-7f62b1852f27","form_version":1,"kind":"create","local_date":"2026-11-20","owner":"87faec44-ddc9-4105-99d7-59ba6ac02a3c","recorded_at":"2026-11-20T10:07:00+00:00","rules_version":null,"supersedes":null,"time_zone":"Europe/London","treatment_id":"756dc105-0761-413a-aef3-88ecb47d0ef9","verdict":null}','28baaf3159b2cf6afb126cb7991173dff6e136f4ccbaf896211f5e8d8663a488','2026-11-20 10:05:00.000000',0);
CREATE TABLE clinic_words (
	clinic_id VARCHAR(36) NOT NULL, 
	version INTEGER NOT NULL, 
	words JSON NOT NULL, 
	saved_at DATETIME NOT NULL, 
	saved_by VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_clinic_words PRIMARY KEY (clinic_id, version), 
	CONSTRAINT fk_clinic_words_clinic_id_clinics FOREIGN KEY(clinic_id) REFERENCES clinics (clinic_id)
);
INSERT INTO "clinic_words" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086',1,'{"emergency":{"is_tested":true,"number":"999"},"heat_policy":"warm_after_day3","hours":[{"closes":"17:30","opens":"09:00","weekday":0},{"closes":"17:30","opens":"09:00","weekday":1},{"closes":"17:30","opens":"09:00","weekday":2},{"closes":"17:30","opens":"09:00","weekday":3},{"closes":"17:30","opens":"09:00","weekday":4}],"ice_policy":"avoid","joints":["knee","shoulder","hip","ankle","elbow","wrist_hand","foot","low_back_si","tmj"],"name":"Riverside Joint Clinic","no_swim_hours":24,"nsaid_avoid_after_days":28,"nsaid_avoid_before_days":5,"out_of_hours":{"is_tested":true,"number":"020 7946 0190"},"pain_relief":"","phone":{"is_tested":true,"number":"020 7946 0102"},"time_zone":"Europe/London"}','2026-11-20 10:00:00.000000','demo');
INSERT INTO "clinic_words" VALUES('817c78fb-005d-42ae-a5d7-1711d8c6cfad',1,'{"emergency":{"is_tested":true,"number":"999"},"heat_policy":"warm_after_day3","hours":[{"closes":"17:30","opens":"09:00","weekday":0},{"closes":"17:30","opens":"09:00","weekday":1},{"closes":"17:30","opens":"09:00","weekday":2},{"closes":"17:30","opens":"09:00","weekday":3},{"closes":"17:30","opens":"09:00","weekday":4}],"ice_policy":"avoid","joints":["knee","shoulder","hip","ankle","elbow","wrist_hand","foot","low_back_si","tmj"],"name":"Hillside Clinic","no_swim_hours":24,"nsaid_avoid_after_days":28,"nsaid_avoid_before_days":5,"out_of_hours":{"is_tested":true,"number":"0113 496 0190"},"pain_relief":"","phone":{"is_tested":true,"number":"0113 496 0100"},"time_zone":"Europe/London"}','2026-11-20 10:00:00.000000','demo');
INSERT INTO "clinic_words" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086',2,'{"emergency":{"is_tested":true,"number":"999"},"heat_policy":"warm_after_day3","hours":[{"closes":"17:30","opens":"09:00","weekday":0},{"closes":"17:30","opens":"09:00","weekday":1},{"closes":"17:30","opens":"09:00","weekday":2},{"closes":"17:30","opens":"09:00","weekday":3},{"closes":"17:30","opens":"09:00","weekday":4}],"ice_policy":"avoid","joints":["knee","shoulder","hip","ankle","elbow","wrist_hand","foot","low_back_si","tmj"],"name":"Riverside Joint Clinic","no_swim_hours":24,"nsaid_avoid_after_days":28,"nsaid_avoid_before_days":5,"out_of_hours":{"is_tested":true,"number":"020 7946 0190"},"pain_relief":"","phone":{"is_tested":true,"number":"020 7946 0102"},"time_zone":"Europe/London"}','2026-11-20 10:00:00.000000','Dr Cole');
INSERT INTO "clinic_words" VALUES('817c78fb-005d-42ae-a5d7-1711d8c6cfad',2,'{"emergency":{"is_tested":true,"number":"999"},"heat_policy":"warm_after_day3","hours":[{"closes":"17:30","opens":"09:00","weekday":0},{"closes":"17:30","opens":"09:00","weekday":1},{"closes":"17:30","opens":"09:00","weekday":2},{"closes":"17:30","opens":"09:00","weekday":3},{"closes":"17:30","opens":"09:00","weekday":4}],"ice_policy":"avoid","joints":["knee","shoulder","hip","ankle","elbow","wrist_hand","foot","low_back_si","tmj"],"name":"Hillside Clinic","no_swim_hours":24,"nsaid_avoid_after_days":28,"nsaid_avoid_before_days":5,"out_of_hours":{"is_tested":true,"number":"0113 496 0190"},"pain_relief":"","phone":{"is_tested":true,"number":"0113 496 0100"},"time_zone":"Europe/London"}','2026-11-20 10:00:00.000000','Dr Dunn');
CREATE TABLE clinics (
	clinic_id VARCHAR(36) NOT NULL, 
	created_at DATETIME NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	words_version INTEGER NOT NULL, 
	CONSTRAINT pk_clinics PRIMARY KEY (clinic_id)
);
INSERT INTO "clinics" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','2026-11-20 10:00:00.000000',1,2);
INSERT INTO "clinics" VALUES('817c78fb-005d-42ae-a5d7-1711d8c6cfad','2026-11-20 10:00:00.000000',1,2);
CREATE TABLE devices (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	device_id VARCHAR(36) NOT NULL, 
	contiguous BIGINT NOT NULL, 
	highest BIGINT NOT NULL, 
	CONSTRAINT pk_devices PRIMARY KEY (clinic_id, patient_id, device_id), 
	CONSTRAINT fk_devices_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c','fbe0cc5b-061a-4f06-ba7f-8b1c7ccc2a2c',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','31c16623-5b5d-4ff3-bd1a-ff940184de85','78fa87e1-cd08-4051-bf09-72a043c6b238',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','20220e2a-72e7-4413-866e-f9e95def0722','862d4786-a902-4933-953c-87f9cc0e32f3',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','20220e2a-72e7-4413-866e-f9e95def0722','31663f14-a55c-4441-a2ee-01258d534326',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','10920b54-08fd-41c7-b955-f53f5e54749e','d29a8a65-788f-4f41-80c5-5afdd92d7926',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','10920b54-08fd-41c7-b955-f53f5e54749e','99cf46d1-ef71-4996-a35b-fdeebf95c850',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','6b8aac57-02e8-4e3c-855f-a069ae078236','46a77de3-eceb-40e8-939e-6cc95f32ea9d',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','6b8aac57-02e8-4e3c-855f-a069ae078236','45d24d82-4823-42b4-8f65-c59012844815',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','42ea02f0-9c30-4673-8913-8fc7c41ed2ad','5e28cb6b-fc8b-4203-ba95-3115b67969d7',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','42ea02f0-9c30-4673-8913-8fc7c41ed2ad','fcb7e9fd-e2c9-4303-b484-cd597704a0df',1,1);
INSERT INTO "devices" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c','db5b5fab-8f4d-4e27-9da1-494c73cf256d',7,7);
CREATE TABLE discarded_numbers (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	device_id VARCHAR(36) NOT NULL, 
	dseq BIGINT NOT NULL, 
	CONSTRAINT pk_discarded_numbers PRIMARY KEY (clinic_id, patient_id, device_id, dseq), 
	CONSTRAINT fk_discarded_numbers_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
CREATE TABLE installation (
	installation_id INTEGER NOT NULL, 
	epoch VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_installation PRIMARY KEY (installation_id)
);
INSERT INTO "installation" VALUES(1,'14e69e94-f55c-45fc-9d3f-f5e300fec194');
CREATE TABLE invites (
	code_hash VARCHAR(64) NOT NULL, 
	purpose VARCHAR(10) NOT NULL, 
	clinic_id VARCHAR(36), 
	account_id VARCHAR(36), 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	CONSTRAINT pk_invites PRIMARY KEY (code_hash), 
	CONSTRAINT fk_invites_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id), 
	CONSTRAINT fk_invites_clinic_id_clinics FOREIGN KEY(clinic_id) REFERENCES clinics (clinic_id)
);
INSERT INTO "invites" VALUES('1827dde927bf54fb73a4ab3b97ec6cf7435ec7c8e528e2d43174c37731468a8c','reset','7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c','2026-11-20 10:36:00.000000','2026-12-04 10:36:00.000000',NULL,NULL);
CREATE TABLE patient_log (
	clinic_id VARCHAR(36) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	seq INTEGER NOT NULL, 
	type VARCHAR(20) NOT NULL, 
	subject_id VARCHAR(80) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_patient_log PRIMARY KEY (clinic_id, account_id, seq), 
	CONSTRAINT fk_patient_log_clinic_id_account_id_patients FOREIGN KEY(clinic_id, account_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',1,'treatment','756dc105-0761-413a-aef3-88ecb47d0ef9','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',2,'check_in','763d6df2-d2eb-4993-aebf-5fae0347bbcd','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',3,'treatment','756dc105-0761-413a-aef3-88ecb47d0ef9','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','31c16623-5b5d-4ff3-bd1a-ff940184de85',1,'treatment','fc598c24-6cf8-433b-ba1a-abda94e0bb9e','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','31c16623-5b5d-4ff3-bd1a-ff940184de85',2,'check_in','63209f8e-3144-4aea-b8ea-8fe41441f314','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','31c16623-5b5d-4ff3-bd1a-ff940184de85',3,'treatment','fc598c24-6cf8-433b-ba1a-abda94e0bb9e','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','20220e2a-72e7-4413-866e-f9e95def0722',1,'treatment','4f689337-681a-4b10-8935-c5c683fcc626','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','20220e2a-72e7-4413-866e-f9e95def0722',2,'check_in','013df140-8721-4ede-b351-e2e54ae3caae','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','20220e2a-72e7-4413-866e-f9e95def0722',3,'treatment','4f689337-681a-4b10-8935-c5c683fcc626','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','20220e2a-72e7-4413-866e-f9e95def0722',4,'check_in','27f4bb25-a001-4f89-9234-038f4ed0f335','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','10920b54-08fd-41c7-b955-f53f5e54749e',1,'treatment','235765d6-baee-471f-9137-f6876aa8a722','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','10920b54-08fd-41c7-b955-f53f5e54749e',2,'check_in','17826992-d469-47f1-bef1-01408483f91e','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','10920b54-08fd-41c7-b955-f53f5e54749e',3,'treatment','235765d6-baee-471f-9137-f6876aa8a722','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','10920b54-08fd-41c7-b955-f53f5e54749e',4,'check_in','2fa8eb79-69be-48df-bca0-2ef14dd8afa4','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','6b8aac57-02e8-4e3c-855f-a069ae078236',1,'treatment','9d3d5947-509d-470c-a7ae-f7c70d11d6ba','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','6b8aac57-02e8-4e3c-855f-a069ae078236',2,'check_in','07e44a41-81c5-4645-ad4c-9d0df63eda12','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','6b8aac57-02e8-4e3c-855f-a069ae078236',3,'treatment','9d3d5947-509d-470c-a7ae-f7c70d11d6ba','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','6b8aac57-02e8-4e3c-855f-a069ae078236',4,'check_in','8a362ea3-4b71-4082-9cee-bd683d605a87','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',1,'treatment','816eb48d-b021-429e-9d46-56109ca2f6e7','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',2,'check_in','c15bd17f-57ec-469a-be30-65764f6af488','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',3,'treatment','816eb48d-b021-429e-9d46-56109ca2f6e7','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',4,'check_in','e011afd5-5959-4a21-b6c4-3eb234f916ce','2026-11-20 10:00:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',4,'check_in','73ab4876-7734-47c1-87fd-e805ec99108d','2026-11-20 10:05:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',5,'treatment','756dc105-0761-413a-aef3-88ecb47d0ef9','2026-11-20 10:05:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',6,'check_in','309d6b79-965e-4a32-9ae4-45508201e2bd','2026-11-20 10:05:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',7,'check_in','79cb9e86-830c-41c2-8dcc-69292f45e678','2026-11-20 10:05:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',8,'check_in','2fa91425-cb00-4853-9d2c-67eda13ffe79','2026-11-20 10:05:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',9,'check_in','244caf9c-4dab-4481-b253-edc618187993','2026-11-20 10:05:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',10,'check_in','e3eff9c0-cf44-4d3f-89e7-d15f17362f25','2026-11-20 10:05:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',11,'check_in','986e86cb-0ab8-4b67-a26b-7f62b1852f27','2026-11-20 10:05:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',12,'review','31d974d0-c7b8-4abd-a679-3e1d911ba226:309d6b79-965e-4a32-9ae4-45508201e2bd','2026-11-20 10:36:00.000000');
INSERT INTO "patient_log" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c',13,'review','31d974d0-c7b8-4abd-a679-3e1d911ba226:79cb9e86-830c-41c2-8dcc-69292f45e678','2026-11-20 10:36:00.000000');
CREATE TABLE patients (
	clinic_id VARCHAR(36) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	second_identifier VARCHAR(60) NOT NULL, 
	phone_number VARCHAR(25) NOT NULL, 
	log_seq INTEGER NOT NULL, 
	CONSTRAINT pk_patients PRIMARY KEY (clinic_id, account_id), 
	CONSTRAINT fk_patients_clinic_id_account_id_accounts FOREIGN KEY(clinic_id, account_id) REFERENCES accounts (clinic_id, account_id)
);
INSERT INTO "patients" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','87faec44-ddc9-4105-99d7-59ba6ac02a3c','R-2201','07700 900461',13);
INSERT INTO "patients" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','31c16623-5b5d-4ff3-bd1a-ff940184de85','R-2202','07700 900461',3);
INSERT INTO "patients" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','20220e2a-72e7-4413-866e-f9e95def0722','1961','07700 900461',4);
INSERT INTO "patients" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','10920b54-08fd-41c7-b955-f53f5e54749e','R-2207','07700 900461',4);
INSERT INTO "patients" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','6b8aac57-02e8-4e3c-855f-a069ae078236','R-2214','07700 900461',4);
INSERT INTO "patients" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','42ea02f0-9c30-4673-8913-8fc7c41ed2ad','1979','07700 900461',4);
CREATE TABLE reviews (
	clinic_id VARCHAR(36) NOT NULL, 
	review_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	event_ids JSON NOT NULL, 
	reviewer_id VARCHAR(36) NOT NULL, 
	reviewer_name VARCHAR(120) NOT NULL, 
	reviewer_role VARCHAR(20) NOT NULL, 
	at DATETIME NOT NULL, 
	outcome VARCHAR(40), 
	note VARCHAR(2000) NOT NULL, 
	is_settled BOOLEAN NOT NULL, 
	undone_at DATETIME, 
	CONSTRAINT pk_reviews PRIMARY KEY (clinic_id, review_id), 
	CONSTRAINT fk_reviews_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "reviews" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','31d974d0-c7b8-4abd-a679-3e1d911ba226','87faec44-ddc9-4105-99d7-59ba6ac02a3c','["309d6b79-965e-4a32-9ae4-45508201e2bd","79cb9e86-830c-41c2-8dcc-69292f45e678"]','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','Dr Cole','clinician','2026-11-20 10:35:00.000000','spoke_with_patient','Rang back; sleeping better.',1,NULL);
CREATE TABLE sessions (
	token_hash VARCHAR(64) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	CONSTRAINT pk_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sessions_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id)
);
INSERT INTO "sessions" VALUES('84ccffb8bbc60d9ae7005b75abe2d9a88ab6661de737493f92a58592e1bddb53','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','2026-11-20 10:05:00.000000','2026-11-20 22:05:00.000000',NULL);
INSERT INTO "sessions" VALUES('62371e3fd24d9a6a0a130b7aa80cc2c67a7b27954ceb471f5fe62b5f01e2c153','87faec44-ddc9-4105-99d7-59ba6ac02a3c','2026-11-20 10:05:00.000000','2026-12-20 10:05:00.000000',NULL);
INSERT INTO "sessions" VALUES('b14daff58fe3583c1fb3acebea33374adc4460e16caf52ae29db6323730345fd','1b97ad07-7522-4674-87a9-003e41bf7b4a','2026-11-20 10:36:00.000000','2026-11-20 22:36:00.000000',NULL);
CREATE TABLE sign_offs (
	clinic_id VARCHAR NOT NULL, 
	words_version INTEGER NOT NULL, 
	form_version INTEGER NOT NULL, 
	rules_version INTEGER NOT NULL, 
	typed_name VARCHAR(200) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	signed_at DATETIME NOT NULL, 
	CONSTRAINT pk_sign_offs PRIMARY KEY (clinic_id, words_version), 
	CONSTRAINT fk_sign_offs_clinic_id_words_version_clinic_words FOREIGN KEY(clinic_id, words_version) REFERENCES clinic_words (clinic_id, version)
);
INSERT INTO "sign_offs" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086',2,1,1,'demo, no clinician','f3c0e2af-4d79-4cd7-ae8a-c79bdd3dbd01','2026-11-20 10:00:00.000000');
INSERT INTO "sign_offs" VALUES('817c78fb-005d-42ae-a5d7-1711d8c6cfad',2,1,1,'demo, no clinician','2d8384a3-65c5-47a0-8946-c526d2c1b06a','2026-11-20 10:00:00.000000');
CREATE TABLE treatment_versions (
	clinic_id VARCHAR(36) NOT NULL, 
	treatment_id VARCHAR(36) NOT NULL, 
	version INTEGER NOT NULL, 
	site VARCHAR(20) NOT NULL, 
	side VARCHAR(5), 
	performed_on DATE NOT NULL, 
	number INTEGER NOT NULL, 
	injected VARCHAR(300) NOT NULL, 
	clinician_name VARCHAR(120) NOT NULL, 
	next_appointment_at DATETIME, 
	recorded_by VARCHAR(120) NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	CONSTRAINT pk_treatment_versions PRIMARY KEY (clinic_id, treatment_id, version), 
	CONSTRAINT fk_treatment_versions_clinic_id_treatment_id_treatments FOREIGN KEY(clinic_id, treatment_id) REFERENCES treatments (clinic_id, treatment_id)
);
INSERT INTO "treatment_versions" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','756dc105-0761-413a-aef3-88ecb47d0ef9',1,'knee','right','2026-11-17',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-15 10:30:00.000000','Dr Cole','2026-11-20 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','fc598c24-6cf8-433b-ba1a-abda94e0bb9e',1,'shoulder','left','2026-11-19',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-17 10:30:00.000000','Dr Cole','2026-11-20 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','4f689337-681a-4b10-8935-c5c683fcc626',1,'hip','left','2026-11-15',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-13 10:30:00.000000','Dr Cole','2026-11-20 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','235765d6-baee-471f-9137-f6876aa8a722',1,'elbow','left','2026-11-11',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-09 10:30:00.000000','Dr Cole','2026-11-20 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','9d3d5947-509d-470c-a7ae-f7c70d11d6ba',1,'ankle','right','2026-11-17',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-15 10:30:00.000000','Dr Cole','2026-11-20 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','816eb48d-b021-429e-9d46-56109ca2f6e7',1,'shoulder','right','2026-11-18',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-16 10:30:00.000000','Dr Cole','2026-11-20 10:00:00.000000');
CREATE TABLE treatments (
	clinic_id VARCHAR(36) NOT NULL, 
	treatment_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_treatments PRIMARY KEY (clinic_id, treatment_id), 
	CONSTRAINT fk_treatments_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "treatments" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','756dc105-0761-413a-aef3-88ecb47d0ef9','87faec44-ddc9-4105-99d7-59ba6ac02a3c',1,'2026-11-20 10:00:00.000000');
INSERT INTO "treatments" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','fc598c24-6cf8-433b-ba1a-abda94e0bb9e','31c16623-5b5d-4ff3-bd1a-ff940184de85',1,'2026-11-20 10:00:00.000000');
INSERT INTO "treatments" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','4f689337-681a-4b10-8935-c5c683fcc626','20220e2a-72e7-4413-866e-f9e95def0722',1,'2026-11-20 10:00:00.000000');
INSERT INTO "treatments" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','235765d6-baee-471f-9137-f6876aa8a722','10920b54-08fd-41c7-b955-f53f5e54749e',1,'2026-11-20 10:00:00.000000');
INSERT INTO "treatments" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','9d3d5947-509d-470c-a7ae-f7c70d11d6ba','6b8aac57-02e8-4e3c-855f-a069ae078236',1,'2026-11-20 10:00:00.000000');
INSERT INTO "treatments" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','816eb48d-b021-429e-9d46-56109ca2f6e7','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',1,'2026-11-20 10:00:00.000000');
CREATE TABLE unread_check_ins (
	clinic_id VARCHAR(36) NOT NULL, 
	event_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	rank INTEGER NOT NULL, 
	received_at DATETIME NOT NULL, 
	CONSTRAINT pk_unread_check_ins PRIMARY KEY (clinic_id, event_id), 
	CONSTRAINT fk_unread_check_ins_clinic_id_event_id_check_in_events FOREIGN KEY(clinic_id, event_id) REFERENCES check_in_events (clinic_id, event_id)
);
INSERT INTO "unread_check_ins" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','27f4bb25-a001-4f89-9234-038f4ed0f335','20220e2a-72e7-4413-866e-f9e95def0722',4,'2026-11-20 10:00:00.000000');
INSERT INTO "unread_check_ins" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','2fa8eb79-69be-48df-bca0-2ef14dd8afa4','10920b54-08fd-41c7-b955-f53f5e54749e',2,'2026-11-20 10:00:00.000000');
INSERT INTO "unread_check_ins" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','8a362ea3-4b71-4082-9cee-bd683d605a87','6b8aac57-02e8-4e3c-855f-a069ae078236',3,'2026-11-20 10:00:00.000000');
INSERT INTO "unread_check_ins" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','e011afd5-5959-4a21-b6c4-3eb234f916ce','42ea02f0-9c30-4673-8913-8fc7c41ed2ad',1,'2026-11-20 10:00:00.000000');
INSERT INTO "unread_check_ins" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','244caf9c-4dab-4481-b253-edc618187993','87faec44-ddc9-4105-99d7-59ba6ac02a3c',4,'2026-11-20 10:05:00.000000');
INSERT INTO "unread_check_ins" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','986e86cb-0ab8-4b67-a26b-7f62b1852f27','87faec44-ddc9-4105-99d7-59ba6ac02a3c',0,'2026-11-20 10:05:00.000000');
CREATE TABLE verdicts (
	clinic_id VARCHAR(36) NOT NULL, 
	event_id VARCHAR(36) NOT NULL, 
	number INTEGER NOT NULL, 
	level VARCHAR(20) NOT NULL, 
	reasons JSON NOT NULL, 
	also JSON NOT NULL, 
	missing JSON NOT NULL, 
	facts JSON NOT NULL, 
	rules_version INTEGER NOT NULL, 
	cause VARCHAR(30) NOT NULL, 
	made_at DATETIME NOT NULL, 
	CONSTRAINT pk_verdicts PRIMARY KEY (clinic_id, event_id, number), 
	CONSTRAINT fk_verdicts_clinic_id_event_id_check_in_events FOREIGN KEY(clinic_id, event_id) REFERENCES check_in_events (clinic_id, event_id)
);
INSERT INTO "verdicts" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','27f4bb25-a001-4f89-9234-038f4ed0f335',1,'emergency','["E7_FEVER_JOINT"]','["S1_FEVER","C1_PAIN_HIGH"]','[]','{"anticoagulant":false,"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"days_since":5,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":true,"high_risk":false,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"open_clinic_flags":0,"pain_baseline":5,"pain_now":8,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"hip","swelling":"mild","temp_c":38.4,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-20 10:00:00.000000');
INSERT INTO "verdicts" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','2fa8eb79-69be-48df-bca0-2ef14dd8afa4',1,'clinic_hours','["C1_PAIN_HIGH","C2_PAIN_NOT_SETTLED"]','[]','[]','{"anticoagulant":false,"breathless":false,"cannot_use":"no","chest_pain":false,"days_since":9,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"high_risk":false,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"open_clinic_flags":0,"pain_baseline":5,"pain_now":7,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"elbow","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-20 10:00:00.000000');
INSERT INTO "verdicts" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','8a362ea3-4b71-4082-9cee-bd683d605a87',1,'same_day','["S5_HOT_SWOLLEN_LATE"]','["C4_LOCAL_SIGNS"]','[]','{"anticoagulant":false,"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"days_since":3,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"high_risk":false,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"open_clinic_flags":0,"pain_baseline":5,"pain_now":4,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"ankle","site_alarm":false,"swelling":"moderate","temp_c":null,"very_unwell":false,"warmth":true,"weakness":false}',1,'received','2026-11-20 10:00:00.000000');
INSERT INTO "verdicts" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','e011afd5-5959-4a21-b6c4-3eb234f916ce',1,'expected','["N1_EXPECTED_FLARE"]','[]','[]','{"anticoagulant":false,"breathless":false,"cannot_use":"no","chest_pain":false,"days_since":2,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"high_risk":false,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"open_clinic_flags":0,"pain_baseline":5,"pain_now":3,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"shoulder","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-20 10:00:00.000000');
INSERT INTO "verdicts" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','309d6b79-965e-4a32-9ae4-45508201e2bd',1,'clinic_hours','["C10_INCOMPLETE"]','[]','["high_risk"]','{"anticoagulant":false,"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"days_since":3,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"high_risk":null,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"note":"Stairs were hard. Größe, 膝, 🦵.","numbness":false,"open_clinic_flags":0,"pain_baseline":6,"pain_now":4,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"knee","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-20 10:05:00.000000');
INSERT INTO "verdicts" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','79cb9e86-830c-41c2-8dcc-69292f45e678',1,'emergency','["E7_FEVER_JOINT"]','["S1_FEVER","C1_PAIN_HIGH","C10_INCOMPLETE"]','["high_risk"]','{"anticoagulant":false,"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"days_since":3,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":true,"high_risk":null,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"note":"Shivery now.","numbness":false,"open_clinic_flags":0,"pain_baseline":6,"pain_now":7,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"knee","swelling":"mild","temp_c":38.4,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-20 10:05:00.000000');
INSERT INTO "verdicts" VALUES('7e6db896-2a88-4cf1-b3e7-fe364e620086','244caf9c-4dab-4481-b253-edc618187993',1,'emergency','["E1_BREATHING"]','["C10_INCOMPLETE"]','["chest_pain","face_swelling","very_unwell","neuro_severe","limb_cold_pale","pain_now","swelling","cannot_use","warmth","redness","drainage","rash","numbness","weakness","calf","temp_or_feverish","high_risk"]','{"anticoagulant":false,"breathless":true,"days_since":3,"high_risk":null,"immune_suppressed":false,"open_clinic_flags":0,"pain_baseline":6,"pain_prev":7,"site":"knee"}',1,'received','2026-11-20 10:05:00.000000');
CREATE INDEX ix_audit_entries_clinic_id_entry_id ON audit_entries (clinic_id, entry_id);
CREATE INDEX ix_audit_entries_clinic_id_subject_id_entry_id ON audit_entries (clinic_id, subject_id, entry_id);
CREATE INDEX ix_invites_clinic_id_account_id ON invites (clinic_id, account_id);
CREATE INDEX ix_sessions_account_id ON sessions (account_id);
CREATE INDEX ix_attention_clinic_id_rank_since ON attention (clinic_id, rank, since);
CREATE INDEX ix_reviews_clinic_id_patient_id ON reviews (clinic_id, patient_id);
CREATE INDEX ix_treatments_clinic_id_patient_id ON treatments (clinic_id, patient_id);
CREATE INDEX ix_check_in_events_clinic_id_patient_id_received_at ON check_in_events (clinic_id, patient_id, received_at);
CREATE INDEX ix_unread_check_ins_clinic_id_patient_id ON unread_check_ins (clinic_id, patient_id);
COMMIT;
