BEGIN TRANSACTION;
CREATE TABLE accounts (
	account_id VARCHAR(36) NOT NULL, 
	clinic_id VARCHAR(36) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	username VARCHAR(64), 
	password_hash VARCHAR(200), 
	display_name VARCHAR(120) NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, totp_secret VARCHAR(200), totp_step INTEGER, erased_at DATETIME, 
	CONSTRAINT pk_accounts PRIMARY KEY (account_id), 
	CONSTRAINT fk_accounts_clinic_id_clinics FOREIGN KEY(clinic_id) REFERENCES clinics (clinic_id), 
	CONSTRAINT uq_accounts_clinic_id_account_id UNIQUE (clinic_id, account_id), 
	CONSTRAINT uq_accounts_username UNIQUE (username)
);
INSERT INTO "accounts" VALUES('b66529e3-154e-4b16-99fc-b43c5f750696','649c17cf-bf5c-4213-96b0-73b692f1ffe9','clinician','dr_cole','$argon2id$v=19$m=19456,t=2,p=1$wauKWgiy54vNidm4gQd7UQ$iJlkMJu3tpIKCTjzmqnp4/h5JHm7qNPWaAoE6WQ8Gfc','Dr Cole',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('3f6e6af4-bf0c-46aa-8669-4829735e01a4','649c17cf-bf5c-4213-96b0-73b692f1ffe9','administrator','mo','$argon2id$v=19$m=19456,t=2,p=1$F6/bnyVyuSjmuiLWmC9WhA$v/4eX0nl8r7aSgtipd9u+1GLQ4pG95XcA7A+fcoe2xU','Mo',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('b1bfb2d0-e592-4aa7-98f5-e1c64d3526cc','19eeea01-6920-4362-86fb-d24dfd9a57b7','clinician','dr_dunn','$argon2id$v=19$m=19456,t=2,p=1$/dG3Plh2jsWI+VElHUO7/g$T2CCKzeDWyomzb9hFndN53sbLTe1DOFZoxtubmgrZos','Dr Dunn',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('28382609-530d-4b37-8f1c-c5386e44ac97','649c17cf-bf5c-4213-96b0-73b692f1ffe9','patient','ana','$argon2id$v=19$m=19456,t=2,p=1$6AePuwvjJSV+oMXH7ZvevQ$Odf4ODLONfMdWaechePXQpAsVTyplPNu3EjwZYpvjgU','Ana Renner',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('c2dc3431-af4f-4430-b872-8c8233a26cc3','649c17cf-bf5c-4213-96b0-73b692f1ffe9','patient','ben','$argon2id$v=19$m=19456,t=2,p=1$V504BTDqisMYbwTx/98/2w$0Bl+xqhxT4Z16aTMKHW361UTgRP2fbGutzj/+DDcmNY','Ben T.',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('7bff7993-60e1-4919-9559-d767624478fe','649c17cf-bf5c-4213-96b0-73b692f1ffe9','patient',NULL,NULL,'Mira K.',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('8c46775b-1080-481e-948d-daf437208030','649c17cf-bf5c-4213-96b0-73b692f1ffe9','patient',NULL,NULL,'Tom O.',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('06db3a3f-e3e4-45a7-852c-ee7e047e1b4e','649c17cf-bf5c-4213-96b0-73b692f1ffe9','patient',NULL,NULL,'Sana L.',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
INSERT INTO "accounts" VALUES('24930e60-ba7a-4787-bfd9-3966758c7b37','649c17cf-bf5c-4213-96b0-73b692f1ffe9','patient',NULL,NULL,'Ivo P.',1,'2026-11-24 10:00:00.000000',NULL,NULL,NULL);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0005');
CREATE TABLE attention (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	rank INTEGER NOT NULL, 
	event_id VARCHAR(36) NOT NULL, 
	since DATETIME NOT NULL, 
	unread_count INTEGER NOT NULL, 
	newest_at DATETIME NOT NULL, mark BIGINT DEFAULT '0' NOT NULL, treatment_id VARCHAR(36), site VARCHAR(20), treated_by VARCHAR(120), pains JSON DEFAULT '[]' NOT NULL, pain_before INTEGER, 
	CONSTRAINT pk_attention PRIMARY KEY (clinic_id, patient_id), 
	CONSTRAINT fk_attention_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "attention" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe',4,'531bf7a6-f7ca-450a-b10d-f99397547f5b','2026-11-24 10:00:00.000000',1,'2026-11-24 10:00:00.000000',0,'10e2af2f-87b8-44af-ac87-fc34ace8cbc2','hip','Dr Cole','[]',NULL);
INSERT INTO "attention" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030',2,'1f363aef-07f8-46cf-969d-f519977d2396','2026-11-24 10:00:00.000000',1,'2026-11-24 10:00:00.000000',0,'1daf512f-c043-4d4d-82a2-11664b694380','elbow','Dr Cole','[]',NULL);
INSERT INTO "attention" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',3,'1e6a341f-311a-421f-9b4d-137e8ca8c36f','2026-11-24 10:00:00.000000',1,'2026-11-24 10:00:00.000000',0,'3bf4b958-2d34-4d44-8df7-362bbba55b3f','ankle','Dr Cole','[]',NULL);
INSERT INTO "attention" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37',1,'e6bef1a4-e575-46e2-8619-d03ed3f5cce4','2026-11-24 10:00:00.000000',1,'2026-11-24 10:00:00.000000',0,'e5b59f06-30a7-417b-aeec-e6a309791668','shoulder','Dr Cole','[]',NULL);
INSERT INTO "attention" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',4,'b8e3c71f-6bf0-4d62-b310-57ca7d411fab','2026-11-24 19:50:00.000000',2,'2026-11-24 19:50:00.000000',0,'0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','knee','Dr Cole','[]',NULL);
CREATE TABLE "audit_entries" (
	entry_id INTEGER NOT NULL, 
	clinic_id VARCHAR(36) NOT NULL, 
	at DATETIME NOT NULL, 
	actor_id VARCHAR(36), 
	actor_name VARCHAR(200) NOT NULL, 
	action VARCHAR(60) NOT NULL, 
	subject_id VARCHAR(36), 
	detail JSON NOT NULL, 
	chain_no INTEGER NOT NULL, 
	chain_hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_entries PRIMARY KEY (entry_id), 
	CONSTRAINT uq_audit_entries_clinic_id_chain_no UNIQUE (clinic_id, chain_no)
);
INSERT INTO "audit_entries" VALUES(1,'19eeea01-6920-4362-86fb-d24dfd9a57b7','2026-11-24 10:00:00.000000','b1bfb2d0-e592-4aa7-98f5-e1c64d3526cc','Dr Dunn','clinic.signed',NULL,'{"version":2,"what":"signed"}',1,'385d3b90d4e5edca2e3261d1efe0c881d911215d3f1fcbaeaebfa2624a9e2f79');
INSERT INTO "audit_entries" VALUES(2,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','clinic.signed',NULL,'{"version":2,"what":"signed"}',1,'712cafd4929b68eff40fda1ba5595e361f93f52a9aa17e050fd13f922cea1d68');
INSERT INTO "audit_entries" VALUES(3,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient.added','28382609-530d-4b37-8f1c-c5386e44ac97','{}',2,'685bcec23934946026ce4c1913a079e0398c77946a3dbb8befca3a79175737e9');
INSERT INTO "audit_entries" VALUES(4,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','treatment.added','28382609-530d-4b37-8f1c-c5386e44ac97','{"treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69"}',3,'c1679c7069d3d936f7f7d7ad18eb0aad2e3034492d12af7bb66dc4480a224471');
INSERT INTO "audit_entries" VALUES(5,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient.added','c2dc3431-af4f-4430-b872-8c8233a26cc3','{}',4,'baf510b739ba6f10c6e15b527da8d33e438ba2fad87737451855c0d7f0435704');
INSERT INTO "audit_entries" VALUES(6,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','treatment.added','c2dc3431-af4f-4430-b872-8c8233a26cc3','{"treatment_id":"8b26b37a-9e71-4968-84ba-443a75c84305"}',5,'0b6164bf946fab5f0d6f0f78ad7dbe80bf5ffbce635baa57a1520f045b84eb3c');
INSERT INTO "audit_entries" VALUES(7,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient.added','7bff7993-60e1-4919-9559-d767624478fe','{}',6,'50023f9222c53ec54da464da17c3756311396040ae32a0cd32b740200b8650df');
INSERT INTO "audit_entries" VALUES(8,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','treatment.added','7bff7993-60e1-4919-9559-d767624478fe','{"treatment_id":"10e2af2f-87b8-44af-ac87-fc34ace8cbc2"}',7,'786fe478ab0113c35a3ee761a1165ce805ee6a9263b8e8b19a0b5977205e8621');
INSERT INTO "audit_entries" VALUES(9,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient.added','8c46775b-1080-481e-948d-daf437208030','{}',8,'816b77961b761edd1cf95c62b49c916537a9398aa73512acd323be0097fe0bb5');
INSERT INTO "audit_entries" VALUES(10,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','treatment.added','8c46775b-1080-481e-948d-daf437208030','{"treatment_id":"1daf512f-c043-4d4d-82a2-11664b694380"}',9,'0bd95826460f0d8645e07ae359acab1ab5a3df56e0db27ed84e5dc6ab28456f9');
INSERT INTO "audit_entries" VALUES(11,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient.added','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e','{}',10,'d7ef400775e04fa4097dff1fba769b6222afc20ab647ee418d68cbcf68480111');
INSERT INTO "audit_entries" VALUES(12,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','treatment.added','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e','{"treatment_id":"3bf4b958-2d34-4d44-8df7-362bbba55b3f"}',11,'0f0154f7236d2ce2f18fe8aa28860e17f147c3b1a6af176b78762d57dd04b8fe');
INSERT INTO "audit_entries" VALUES(13,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient.added','24930e60-ba7a-4787-bfd9-3966758c7b37','{}',12,'1be75290bd5b824903c0179cc56b2c0240b5d717d2265071180a837b8ddc50bb');
INSERT INTO "audit_entries" VALUES(14,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','treatment.added','24930e60-ba7a-4787-bfd9-3966758c7b37','{"treatment_id":"e5b59f06-30a7-417b-aeec-e6a309791668"}',13,'4078d26035066898b5f27c16032c330edd6dc06c5a02a014b1ca4dd6d74a1966');
INSERT INTO "audit_entries" VALUES(15,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:05:00.000000',NULL,'Somebody not signed in','denied.password','28382609-530d-4b37-8f1c-c5386e44ac97','{"door":"accounts.sign_in"}',14,'f899878fbd1cb3f208499926ce86b47b8711449299f84ac47ba05023b7e58d8a');
INSERT INTO "audit_entries" VALUES(16,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:05:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','session.started',NULL,'{}',15,'eebe2f03b7b886c14705dcb3c2b437d4eb736f27b339b1774b1aa01134b4616a');
INSERT INTO "audit_entries" VALUES(17,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:05:00.000000','28382609-530d-4b37-8f1c-c5386e44ac97','Patient','session.started',NULL,'{}',16,'2b6997f4327b8f04d15dc3fe4c8498cd0a56707b52dd447c0d0a2190069e9601');
INSERT INTO "audit_entries" VALUES(18,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:05:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','session.started',NULL,'{}',17,'419e0700f1c1b04a5975027d5d9eb752595e1e766b0e69321a73a4986be90225');
INSERT INTO "audit_entries" VALUES(19,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:05:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','worklist.seen',NULL,'{}',18,'520cdc4fa05bdecacaf0796550e9e499a21a812fd1f94fee80df442199bc9618');
INSERT INTO "audit_entries" VALUES(20,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:05:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient.seen','28382609-530d-4b37-8f1c-c5386e44ac97','{}',19,'d1abec75e699d201d6f76d9a2765a30ab6c9b74cc2085a042fe3fae6e9e4c97a');
INSERT INTO "audit_entries" VALUES(21,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:05:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient_details.seen','28382609-530d-4b37-8f1c-c5386e44ac97','{}',20,'1a8c2c98bec2be86b48d30b23f05693aa62f8722c2f9d38926055580552719f8');
INSERT INTO "audit_entries" VALUES(22,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:05:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','patient.changed','28382609-530d-4b37-8f1c-c5386e44ac97','{"fields":["display_name"]}',21,'88eda82c1f8b505cf7916c4bfd423970632f0542b8370ff26557eab0e01db399');
INSERT INTO "audit_entries" VALUES(23,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:05:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','check_in.read','28382609-530d-4b37-8f1c-c5386e44ac97','{"review_id":"47df9f44-ab3d-4ecd-b077-3f0320e02271"}',22,'be0cd7521cee6374b5c30c1de42274899ab7d17f67cf9da6bbe89e1a848c8b5c');
INSERT INTO "audit_entries" VALUES(24,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:06:00.000000',NULL,'Nobody signed in','reset.asked','28382609-530d-4b37-8f1c-c5386e44ac97','{}',23,'80bf921b447ad558ab54161b1589fb346c423784a96dc205fb825de20dde79c7');
INSERT INTO "audit_entries" VALUES(25,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:06:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','reset.approved','28382609-530d-4b37-8f1c-c5386e44ac97','{}',24,'31420fad26b9ea80b84f7d929162d135d42caa767085702f6ecffab17625ce70');
INSERT INTO "audit_entries" VALUES(26,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:06:00.000000','28382609-530d-4b37-8f1c-c5386e44ac97','Patient','account.reset','28382609-530d-4b37-8f1c-c5386e44ac97','{}',25,'d10700cd8727dd009bb03f88c47a4c49b02fb502e33ab6e77e8ab0adc186d2dc');
INSERT INTO "audit_entries" VALUES(27,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:06:00.000000','28382609-530d-4b37-8f1c-c5386e44ac97','Patient','session.started',NULL,'{}',26,'9a39b6aa6965eed5ff4570d34eef97b6dd5093000fcc5dde5ced5914be831d5a');
INSERT INTO "audit_entries" VALUES(28,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:06:00.000000','28382609-530d-4b37-8f1c-c5386e44ac97','Patient','session.started',NULL,'{}',27,'0da2e6b30fcb90f4cf51bc9b06c0a3ae6b7abfce34010d5eea4131f1f4f8cf0d');
INSERT INTO "audit_entries" VALUES(29,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:06:00.000000','3f6e6af4-bf0c-46aa-8669-4829735e01a4','Mo','session.started',NULL,'{}',28,'60ca6f60d981713df3797ec0b1317698058f9a825f42f37fc05124300bd9932d');
INSERT INTO "audit_entries" VALUES(30,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:06:00.000000','3f6e6af4-bf0c-46aa-8669-4829735e01a4','Mo','audit.seen',NULL,'{}',29,'050198907bcb8829de63a5875f4eb0700a94e366c4ebde714e0de951686a3947');
INSERT INTO "audit_entries" VALUES(31,'649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-25 09:07:00.000000','28382609-530d-4b37-8f1c-c5386e44ac97','Patient','session.ended',NULL,'{}',30,'890d178b78440d5aab7e74e86dc947a65706099213b7846d0a214514be81436b');
CREATE TABLE audit_heads (
	clinic_id VARCHAR(36) NOT NULL, 
	chain_no INTEGER NOT NULL, 
	chain_hash VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_heads PRIMARY KEY (clinic_id)
);
INSERT INTO "audit_heads" VALUES('19eeea01-6920-4362-86fb-d24dfd9a57b7',1,'385d3b90d4e5edca2e3261d1efe0c881d911215d3f1fcbaeaebfa2624a9e2f79');
INSERT INTO "audit_heads" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9',30,'890d178b78440d5aab7e74e86dc947a65706099213b7846d0a214514be81436b');
CREATE TABLE calendar_links (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	language VARCHAR(10) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_calendar_links PRIMARY KEY (clinic_id, token_hash), 
	CONSTRAINT fk_calendar_links_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id), 
	CONSTRAINT uq_calendar_links_clinic_id_patient_id UNIQUE (clinic_id, patient_id)
);
CREATE TABLE challenges (
	challenge_hash VARCHAR(64) NOT NULL, 
	purpose VARCHAR(20) NOT NULL, 
	account_id VARCHAR(36), 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_challenges PRIMARY KEY (challenge_hash), 
	CONSTRAINT fk_challenges_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id)
);
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
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','e0908dd1-4064-4273-bdc3-000c034afe61','28382609-530d-4b37-8f1c-c5386e44ac97',2,'f0c0e57b-aaf4-438f-a25f-f588e1e39e5a',1,'start',NULL,'0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"f0c0e57b-aaf4-438f-a25f-f588e1e39e5a","dseq":1,"event_id":"e0908dd1-4064-4273-bdc3-000c034afe61","form_version":1,"kind":"start","local_date":"2026-11-24","owner":"28382609-530d-4b37-8f1c-c5386e44ac97","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69","verdict":null}','5a03b35d7da04398e7f57960155a5d7160654144d606d256d456cc78db0c5cea','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','a56d7f7a-0b0c-4625-919b-df6fbf80fdc1','c2dc3431-af4f-4430-b872-8c8233a26cc3',2,'c0d6c112-9f64-4b18-83bb-23bbe3151b6f',1,'start',NULL,'8b26b37a-9e71-4968-84ba-443a75c84305','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"c0d6c112-9f64-4b18-83bb-23bbe3151b6f","dseq":1,"event_id":"a56d7f7a-0b0c-4625-919b-df6fbf80fdc1","form_version":1,"kind":"start","local_date":"2026-11-24","owner":"c2dc3431-af4f-4430-b872-8c8233a26cc3","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"8b26b37a-9e71-4968-84ba-443a75c84305","verdict":null}','0accc12193ac5312b2c31b8a08d39d4c017fe7c9d8ea0e644203121043d4e528','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','34208696-f189-4e94-b323-29093ece58da','7bff7993-60e1-4919-9559-d767624478fe',2,'3cdb61a1-fa6d-4156-a3fd-f86b569ae7e9',1,'start',NULL,'10e2af2f-87b8-44af-ac87-fc34ace8cbc2','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"3cdb61a1-fa6d-4156-a3fd-f86b569ae7e9","dseq":1,"event_id":"34208696-f189-4e94-b323-29093ece58da","form_version":1,"kind":"start","local_date":"2026-11-24","owner":"7bff7993-60e1-4919-9559-d767624478fe","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"10e2af2f-87b8-44af-ac87-fc34ace8cbc2","verdict":null}','9f0f3700670a325d50a593b197bd75e4f362438e50ae835db1de45eab79f94f0','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','531bf7a6-f7ca-450a-b10d-f99397547f5b','7bff7993-60e1-4919-9559-d767624478fe',4,'a029ea6e-9682-4e3d-8d6e-4d506350d2a3',1,'create',NULL,'10e2af2f-87b8-44af-ac87-fc34ace8cbc2','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":true,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":8,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":38.4,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"a029ea6e-9682-4e3d-8d6e-4d506350d2a3","dseq":1,"event_id":"531bf7a6-f7ca-450a-b10d-f99397547f5b","form_version":1,"kind":"create","local_date":"2026-11-24","owner":"7bff7993-60e1-4919-9559-d767624478fe","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"10e2af2f-87b8-44af-ac87-fc34ace8cbc2","verdict":{"level":"emergency","reasons":["E7_FEVER_JOINT"]}}','6ad7074745769ee33980c9a7c803494b2d25bcc00380c9c255b292670aafe28f','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','74cbc209-25cc-48f2-aa95-6494cbfe1482','8c46775b-1080-481e-948d-daf437208030',2,'aa1795e3-23a5-41bf-915d-71f005941665',1,'start',NULL,'1daf512f-c043-4d4d-82a2-11664b694380','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"aa1795e3-23a5-41bf-915d-71f005941665","dseq":1,"event_id":"74cbc209-25cc-48f2-aa95-6494cbfe1482","form_version":1,"kind":"start","local_date":"2026-11-24","owner":"8c46775b-1080-481e-948d-daf437208030","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"1daf512f-c043-4d4d-82a2-11664b694380","verdict":null}','40ffc79a7585a464e796e69c8ed5923b3b6f2f97d382fc8bfadc49f6b2d6529e','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1f363aef-07f8-46cf-969d-f519977d2396','8c46775b-1080-481e-948d-daf437208030',4,'a5e82b65-103b-4ffb-a980-2195a5c56789',1,'create',NULL,'1daf512f-c043-4d4d-82a2-11664b694380','{"answers":{"breathless":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":7,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"a5e82b65-103b-4ffb-a980-2195a5c56789","dseq":1,"event_id":"1f363aef-07f8-46cf-969d-f519977d2396","form_version":1,"kind":"create","local_date":"2026-11-24","owner":"8c46775b-1080-481e-948d-daf437208030","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"1daf512f-c043-4d4d-82a2-11664b694380","verdict":{"level":"clinic_hours","reasons":["C1_PAIN_HIGH","C2_PAIN_NOT_SETTLED"]}}','1feb089d798d47b0de42ba4153a5edbd6bb7cf16ab854568670534af8f44f7ff','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','b1491e66-a140-4ca8-834a-0313de580279','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',2,'9028bdbf-653e-4365-a4ad-404c80f77e96',1,'start',NULL,'3bf4b958-2d34-4d44-8df7-362bbba55b3f','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"9028bdbf-653e-4365-a4ad-404c80f77e96","dseq":1,"event_id":"b1491e66-a140-4ca8-834a-0313de580279","form_version":1,"kind":"start","local_date":"2026-11-24","owner":"06db3a3f-e3e4-45a7-852c-ee7e047e1b4e","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"3bf4b958-2d34-4d44-8df7-362bbba55b3f","verdict":null}','b98820cfb4aa040637409fc6c902ba1d84d2b40aecb070fbf6a6fd9f451f541f','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1e6a341f-311a-421f-9b4d-137e8ca8c36f','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',4,'2e14ef58-ce02-4942-b938-31b4f2a82ab6',1,'create',NULL,'3bf4b958-2d34-4d44-8df7-362bbba55b3f','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":4,"pain_trend_self":"same","rash":"none","redness":"none","site_alarm":false,"swelling":"moderate","temp_c":null,"very_unwell":false,"warmth":true,"weakness":false},"clock_behind":false,"device_id":"2e14ef58-ce02-4942-b938-31b4f2a82ab6","dseq":1,"event_id":"1e6a341f-311a-421f-9b4d-137e8ca8c36f","form_version":1,"kind":"create","local_date":"2026-11-24","owner":"06db3a3f-e3e4-45a7-852c-ee7e047e1b4e","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"3bf4b958-2d34-4d44-8df7-362bbba55b3f","verdict":{"level":"same_day","reasons":["S5_HOT_SWOLLEN_LATE"]}}','0c54b874e257e73c8e0aea6b4cf3e583effa3d1be558d5ffa799b447ec40c365','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','25f679df-41c5-4267-929f-8a98c2cf13de','24930e60-ba7a-4787-bfd9-3966758c7b37',2,'add12ea4-2f75-4c70-b2c4-53186592652c',1,'start',NULL,'e5b59f06-30a7-417b-aeec-e6a309791668','{"answers":{"anticoagulant":false,"diabetes":false,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":5,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"add12ea4-2f75-4c70-b2c4-53186592652c","dseq":1,"event_id":"25f679df-41c5-4267-929f-8a98c2cf13de","form_version":1,"kind":"start","local_date":"2026-11-24","owner":"24930e60-ba7a-4787-bfd9-3966758c7b37","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"e5b59f06-30a7-417b-aeec-e6a309791668","verdict":null}','dddbba3ee843c058bc56d09418b3d09a0959aa3935e0a25812007bfd53912e57','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','e6bef1a4-e575-46e2-8619-d03ed3f5cce4','24930e60-ba7a-4787-bfd9-3966758c7b37',4,'e219cf9c-2348-4c6d-b636-662a016bc500',1,'create',NULL,'e5b59f06-30a7-417b-aeec-e6a309791668','{"answers":{"breathless":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":3,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"e219cf9c-2348-4c6d-b636-662a016bc500","dseq":1,"event_id":"e6bef1a4-e575-46e2-8619-d03ed3f5cce4","form_version":1,"kind":"create","local_date":"2026-11-24","owner":"24930e60-ba7a-4787-bfd9-3966758c7b37","recorded_at":"2026-11-24T10:00:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"e5b59f06-30a7-417b-aeec-e6a309791668","verdict":{"level":"expected","reasons":["N1_EXPECTED_FLARE"]}}','be53b82f33e31fd3104860a5092ece6cf4dc88ef76b722c1b0a69f9b7532e7ef','2026-11-24 10:00:00.000000',0);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','221c4e00-3f99-41ee-baf2-7f802dc5fd3d','28382609-530d-4b37-8f1c-c5386e44ac97',4,'9974d75b-3338-44fe-a179-0134676b1b69',1,'start',NULL,'0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','{"answers":{"anticoagulant":false,"diabetes":null,"immune_suppressed":false,"joint_replacement":false,"pain_baseline":6,"pregnant":false,"recent_joint_infection":false},"clock_behind":false,"device_id":"9974d75b-3338-44fe-a179-0134676b1b69","dseq":1,"event_id":"221c4e00-3f99-41ee-baf2-7f802dc5fd3d","form_version":1,"kind":"start","local_date":"2026-11-24","owner":"28382609-530d-4b37-8f1c-c5386e44ac97","recorded_at":"2026-11-24T19:41:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69","verdict":null}','948df33c828f37f8135b9d18d542705b8c1e9d189ea4fb808c4e4e7b9a6b4891','2026-11-24 19:50:00.000000',-144600);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','baa1c6f1-404b-4eaf-962a-01dec28753f8','28382609-530d-4b37-8f1c-c5386e44ac97',6,'9974d75b-3338-44fe-a179-0134676b1b69',2,'create',NULL,'0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"note":"Stairs were hard. Größe, 膝, 🦵.","numbness":false,"pain_now":4,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"9974d75b-3338-44fe-a179-0134676b1b69","dseq":2,"event_id":"baa1c6f1-404b-4eaf-962a-01dec28753f8","form_version":1,"kind":"create","local_date":"2026-11-24","owner":"28382609-530d-4b37-8f1c-c5386e44ac97","recorded_at":"2026-11-24T19:42:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69","verdict":{"level":"expected","reasons":["N2_ON_TRACK"]}}','b7165b499c00e037e2eb539526599c250f9c8cfc2d67520bb7ae710c2e07cce4','2026-11-24 19:50:00.000000',-144600);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','b35331ce-af2e-49dd-87e3-55b26210b784','28382609-530d-4b37-8f1c-c5386e44ac97',7,'9974d75b-3338-44fe-a179-0134676b1b69',3,'amend','baa1c6f1-404b-4eaf-962a-01dec28753f8','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":true,"limb_cold_pale":false,"neuro_severe":false,"note":"Shivery now.","numbness":false,"pain_now":7,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":38.4,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"9974d75b-3338-44fe-a179-0134676b1b69","dseq":3,"event_id":"b35331ce-af2e-49dd-87e3-55b26210b784","form_version":1,"kind":"amend","local_date":"2026-11-24","owner":"28382609-530d-4b37-8f1c-c5386e44ac97","recorded_at":"2026-11-24T19:43:00+00:00","rules_version":1,"supersedes":"baa1c6f1-404b-4eaf-962a-01dec28753f8","time_zone":"Europe/London","treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69","verdict":{"level":"same_day","reasons":["S1_FEVER"]}}','1531d7e0bf48352ceae8aefada95d7a5dfefc5f0a0aee6030c64c7bd02507173','2026-11-24 19:50:00.000000',-144600);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','9fb932d4-f039-4722-96ff-82e389e3995a','28382609-530d-4b37-8f1c-c5386e44ac97',8,'9974d75b-3338-44fe-a179-0134676b1b69',4,'called','baa1c6f1-404b-4eaf-962a-01dec28753f8','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','{"answers":{},"clock_behind":false,"device_id":"9974d75b-3338-44fe-a179-0134676b1b69","dseq":4,"event_id":"9fb932d4-f039-4722-96ff-82e389e3995a","form_version":1,"kind":"called","local_date":"2026-11-24","owner":"28382609-530d-4b37-8f1c-c5386e44ac97","recorded_at":"2026-11-24T19:44:00+00:00","rules_version":1,"supersedes":"baa1c6f1-404b-4eaf-962a-01dec28753f8","time_zone":"Europe/London","treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69","verdict":null}','44a68a7599d2b0536bb94fb3492c6da7d975c8f43243733bda2b944fb99012ef','2026-11-24 19:50:00.000000',-144600);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','b8e3c71f-6bf0-4d62-b310-57ca7d411fab','28382609-530d-4b37-8f1c-c5386e44ac97',9,'9974d75b-3338-44fe-a179-0134676b1b69',5,'create',NULL,'0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','{"answers":{"breathless":true},"clock_behind":false,"device_id":"9974d75b-3338-44fe-a179-0134676b1b69","dseq":5,"event_id":"b8e3c71f-6bf0-4d62-b310-57ca7d411fab","form_version":1,"kind":"create","local_date":"2026-11-24","owner":"28382609-530d-4b37-8f1c-c5386e44ac97","recorded_at":"2026-11-24T19:45:00+00:00","rules_version":1,"supersedes":null,"time_zone":"Europe/London","treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69","verdict":{"level":"emergency","reasons":["E1_BREATHING"]}}','83e0cc74df8e4ecbad59fb79a11c73ba127ff57ce247fa53e0c7e0f5be6012c4','2026-11-24 19:50:00.000000',-144600);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','cae8c077-3779-45b3-96a1-da2c9cfbba43','28382609-530d-4b37-8f1c-c5386e44ac97',10,'9974d75b-3338-44fe-a179-0134676b1b69',6,'retract','b8e3c71f-6bf0-4d62-b310-57ca7d411fab','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','{"answers":{},"clock_behind":false,"device_id":"9974d75b-3338-44fe-a179-0134676b1b69","dseq":6,"event_id":"cae8c077-3779-45b3-96a1-da2c9cfbba43","form_version":1,"kind":"retract","local_date":"2026-11-24","owner":"28382609-530d-4b37-8f1c-c5386e44ac97","recorded_at":"2026-11-24T19:46:00+00:00","rules_version":1,"supersedes":"b8e3c71f-6bf0-4d62-b310-57ca7d411fab","time_zone":"Europe/London","treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69","verdict":null}','2eae2ae7cd6a3e18b5576cbf873c7e3fde805bf81429af88700bd3d12267d3c4','2026-11-24 19:50:00.000000',-144600);
INSERT INTO "check_in_events" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','d283eb3a-5fbd-438e-89cf-158de6e96d45','28382609-530d-4b37-8f1c-c5386e44ac97',11,'9974d75b-3338-44fe-a179-0134676b1b69',7,'create',NULL,'0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','{"answers":{"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"pain_now":4,"pain_trend_self":"same","rash":"none","redness":"none","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false},"clock_behind":false,"device_id":"9974d75b-3338-44fe-a179-0134676b1b69","dseq":7,"event_id":"d283eb3a-5fbd-438e-89cf-158de6e96d45","form_version":1,"kind":"create","local_date":"2026-11-24","owner":"28382609-530d-4b37-8f1c-c5386e44ac97","recorded_at":"2026-11-24T19:47:00+00:00","rules_version":null,"supersedes":null,"time_zone":"Europe/London","treatment_id":"0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69","verdict":null}','5e568a13ab64eaad34569fd3b81888e50a204deee566f90d26e17dd5ce004cac','2026-11-24 19:50:00.000000',-144600);
CREATE TABLE claims (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_claims PRIMARY KEY (clinic_id, patient_id), 
	CONSTRAINT fk_claims_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
CREATE TABLE clinic_words (
	clinic_id VARCHAR(36) NOT NULL, 
	version INTEGER NOT NULL, 
	words JSON NOT NULL, 
	saved_at DATETIME NOT NULL, 
	saved_by VARCHAR(200) NOT NULL, 
	CONSTRAINT pk_clinic_words PRIMARY KEY (clinic_id, version), 
	CONSTRAINT fk_clinic_words_clinic_id_clinics FOREIGN KEY(clinic_id) REFERENCES clinics (clinic_id)
);
INSERT INTO "clinic_words" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9',1,'{"emergency":{"is_tested":true,"number":"999"},"heat_policy":"warm_after_day3","hours":[{"closes":"17:30","opens":"09:00","weekday":0},{"closes":"17:30","opens":"09:00","weekday":1},{"closes":"17:30","opens":"09:00","weekday":2},{"closes":"17:30","opens":"09:00","weekday":3},{"closes":"17:30","opens":"09:00","weekday":4}],"ice_policy":"avoid","joints":["knee","shoulder","hip","ankle","elbow","wrist_hand","foot","low_back_si","tmj"],"keep_days":30,"name":"Riverside Joint Clinic","no_swim_hours":24,"nsaid_avoid_after_days":28,"nsaid_avoid_before_days":5,"out_of_hours":{"is_tested":true,"number":"020 7946 0190"},"pain_relief":"","phone":{"is_tested":true,"number":"020 7946 0102"},"retention_months":null,"time_zone":"Europe/London"}','2026-11-24 10:00:00.000000','demo');
INSERT INTO "clinic_words" VALUES('19eeea01-6920-4362-86fb-d24dfd9a57b7',1,'{"emergency":{"is_tested":true,"number":"999"},"heat_policy":"warm_after_day3","hours":[{"closes":"17:30","opens":"09:00","weekday":0},{"closes":"17:30","opens":"09:00","weekday":1},{"closes":"17:30","opens":"09:00","weekday":2},{"closes":"17:30","opens":"09:00","weekday":3},{"closes":"17:30","opens":"09:00","weekday":4}],"ice_policy":"avoid","joints":["knee","shoulder","hip","ankle","elbow","wrist_hand","foot","low_back_si","tmj"],"keep_days":30,"name":"Hillside Clinic","no_swim_hours":24,"nsaid_avoid_after_days":28,"nsaid_avoid_before_days":5,"out_of_hours":{"is_tested":true,"number":"0113 496 0190"},"pain_relief":"","phone":{"is_tested":true,"number":"0113 496 0100"},"retention_months":null,"time_zone":"Europe/London"}','2026-11-24 10:00:00.000000','demo');
INSERT INTO "clinic_words" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9',2,'{"emergency":{"is_tested":true,"number":"999"},"heat_policy":"warm_after_day3","hours":[{"closes":"17:30","opens":"09:00","weekday":0},{"closes":"17:30","opens":"09:00","weekday":1},{"closes":"17:30","opens":"09:00","weekday":2},{"closes":"17:30","opens":"09:00","weekday":3},{"closes":"17:30","opens":"09:00","weekday":4}],"ice_policy":"avoid","joints":["knee","shoulder","hip","ankle","elbow","wrist_hand","foot","low_back_si","tmj"],"keep_days":30,"name":"Riverside Joint Clinic","no_swim_hours":24,"nsaid_avoid_after_days":28,"nsaid_avoid_before_days":5,"out_of_hours":{"is_tested":true,"number":"020 7946 0190"},"pain_relief":"","phone":{"is_tested":true,"number":"020 7946 0102"},"retention_months":null,"time_zone":"Europe/London"}','2026-11-24 10:00:00.000000','Dr Cole');
INSERT INTO "clinic_words" VALUES('19eeea01-6920-4362-86fb-d24dfd9a57b7',2,'{"emergency":{"is_tested":true,"number":"999"},"heat_policy":"warm_after_day3","hours":[{"closes":"17:30","opens":"09:00","weekday":0},{"closes":"17:30","opens":"09:00","weekday":1},{"closes":"17:30","opens":"09:00","weekday":2},{"closes":"17:30","opens":"09:00","weekday":3},{"closes":"17:30","opens":"09:00","weekday":4}],"ice_policy":"avoid","joints":["knee","shoulder","hip","ankle","elbow","wrist_hand","foot","low_back_si","tmj"],"keep_days":30,"name":"Hillside Clinic","no_swim_hours":24,"nsaid_avoid_after_days":28,"nsaid_avoid_before_days":5,"out_of_hours":{"is_tested":true,"number":"0113 496 0190"},"pain_relief":"","phone":{"is_tested":true,"number":"0113 496 0100"},"retention_months":null,"time_zone":"Europe/London"}','2026-11-24 10:00:00.000000','Dr Dunn');
CREATE TABLE clinics (
	clinic_id VARCHAR(36) NOT NULL, 
	created_at DATETIME NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	words_version INTEGER NOT NULL, is_second_factor_required BOOLEAN DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_clinics PRIMARY KEY (clinic_id)
);
INSERT INTO "clinics" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','2026-11-24 10:00:00.000000',1,2,0);
INSERT INTO "clinics" VALUES('19eeea01-6920-4362-86fb-d24dfd9a57b7','2026-11-24 10:00:00.000000',1,2,0);
CREATE TABLE devices (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	device_id VARCHAR(36) NOT NULL, 
	contiguous BIGINT NOT NULL, 
	highest BIGINT NOT NULL, 
	CONSTRAINT pk_devices PRIMARY KEY (clinic_id, patient_id, device_id), 
	CONSTRAINT fk_devices_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97','f0c0e57b-aaf4-438f-a25f-f588e1e39e5a',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','c2dc3431-af4f-4430-b872-8c8233a26cc3','c0d6c112-9f64-4b18-83bb-23bbe3151b6f',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe','3cdb61a1-fa6d-4156-a3fd-f86b569ae7e9',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe','a029ea6e-9682-4e3d-8d6e-4d506350d2a3',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030','aa1795e3-23a5-41bf-915d-71f005941665',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030','a5e82b65-103b-4ffb-a980-2195a5c56789',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e','9028bdbf-653e-4365-a4ad-404c80f77e96',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e','2e14ef58-ce02-4942-b938-31b4f2a82ab6',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37','add12ea4-2f75-4c70-b2c4-53186592652c',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37','e219cf9c-2348-4c6d-b636-662a016bc500',1,1);
INSERT INTO "devices" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97','9974d75b-3338-44fe-a179-0134676b1b69',7,7);
CREATE TABLE discarded_numbers (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	device_id VARCHAR(36) NOT NULL, 
	dseq BIGINT NOT NULL, 
	CONSTRAINT pk_discarded_numbers PRIMARY KEY (clinic_id, patient_id, device_id, dseq), 
	CONSTRAINT fk_discarded_numbers_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "discarded_numbers" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97','9974d75b-3338-44fe-a179-0134676b1b69',8);
CREATE TABLE erased_events (
	clinic_id VARCHAR(36) NOT NULL, 
	event_id VARCHAR(36) NOT NULL, 
	erased_at DATETIME NOT NULL, 
	CONSTRAINT pk_erased_events PRIMARY KEY (clinic_id, event_id)
);
CREATE TABLE expectations (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	overdue_at DATETIME NOT NULL, 
	reason VARCHAR(20) NOT NULL, 
	expected_on DATE NOT NULL, 
	treatment_id VARCHAR(36) NOT NULL, 
	site VARCHAR(20) NOT NULL, 
	treated_by VARCHAR(120) NOT NULL, last_on DATE, 
	CONSTRAINT pk_expectations PRIMARY KEY (clinic_id, patient_id), 
	CONSTRAINT fk_expectations_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "expectations" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e','2026-11-25 10:00:00.000000','silent','2026-11-25','3bf4b958-2d34-4d44-8df7-362bbba55b3f','ankle','Dr Cole',NULL);
INSERT INTO "expectations" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37','2026-11-27 00:00:00.000000','missed','2026-11-25','e5b59f06-30a7-417b-aeec-e6a309791668','shoulder','Dr Cole','2027-02-27');
INSERT INTO "expectations" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97','2026-11-28 00:00:00.000000','missed','2026-11-26','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','knee','Dr Cole','2027-02-26');
INSERT INTO "expectations" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe','2026-11-25 10:00:00.000000','silent','2026-11-25','10e2af2f-87b8-44af-ac87-fc34ace8cbc2','hip','Dr Cole',NULL);
INSERT INTO "expectations" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030','2026-11-27 00:00:00.000000','missed','2026-11-25','1daf512f-c043-4d4d-82a2-11664b694380','elbow','Dr Cole','2027-02-20');
INSERT INTO "expectations" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','c2dc3431-af4f-4430-b872-8c8233a26cc3','2026-11-26 00:00:00.000000','missed','2026-11-24','8b26b37a-9e71-4968-84ba-443a75c84305','shoulder','Dr Cole','2027-02-28');
CREATE TABLE failed_tries (
	try_id VARCHAR(36) NOT NULL, 
	key_hash VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_failed_tries PRIMARY KEY (try_id)
);
INSERT INTO "failed_tries" VALUES('adf04681-2111-4b05-9edd-fc0507582c19','2e17cc30e77c78b17a1f4d84e38cd13e34bf15118bbc84dca57771df68578e7a','2026-11-25 09:06:00.000000');
CREATE TABLE hand_overs (
	clinic_id VARCHAR(36) NOT NULL, 
	hand_over_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	from_id VARCHAR(36) NOT NULL, 
	from_name VARCHAR(120) NOT NULL, 
	to_id VARCHAR(36), 
	to_name VARCHAR(120) NOT NULL, 
	before_id VARCHAR(36), 
	remark VARCHAR(500) NOT NULL, 
	at DATETIME NOT NULL, 
	undone_at DATETIME, 
	CONSTRAINT pk_hand_overs PRIMARY KEY (clinic_id, hand_over_id), 
	CONSTRAINT fk_hand_overs_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
CREATE TABLE installation (
	installation_id INTEGER NOT NULL, 
	epoch VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_installation PRIMARY KEY (installation_id)
);
INSERT INTO "installation" VALUES(1,'05079c52-9b1c-4024-90c0-388c1aba75d5');
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
CREATE TABLE known_addresses (
	account_id VARCHAR(36) NOT NULL, 
	address_hash VARCHAR(64) NOT NULL, 
	last_at DATETIME NOT NULL, 
	CONSTRAINT pk_known_addresses PRIMARY KEY (account_id, address_hash), 
	CONSTRAINT fk_known_addresses_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id)
);
INSERT INTO "known_addresses" VALUES('b66529e3-154e-4b16-99fc-b43c5f750696','5493f059bd80caea91f5118162cc71a820e4c3b87d77af11a92ff5d29bfac183','2026-11-25 09:06:00.000000');
INSERT INTO "known_addresses" VALUES('28382609-530d-4b37-8f1c-c5386e44ac97','b160d16975d6777630d36bb9b7a3a2df518fb662ac16b5c16cdc37c3ebccb2d2','2026-11-25 09:06:00.000000');
INSERT INTO "known_addresses" VALUES('3f6e6af4-bf0c-46aa-8669-4829735e01a4','24e7454e47b7f016854214d1461ce0335be50a6e53b3794bc7984d07e8d94dd5','2026-11-25 09:06:00.000000');
CREATE TABLE master_keys (
	kid VARCHAR(36) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	first_used_at DATETIME NOT NULL, 
	CONSTRAINT pk_master_keys PRIMARY KEY (kid)
);
CREATE TABLE memberships (
	clinic_id VARCHAR(36) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	role VARCHAR(20) NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_memberships PRIMARY KEY (clinic_id, account_id), 
	CONSTRAINT fk_memberships_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id), 
	CONSTRAINT fk_memberships_clinic_id_clinics FOREIGN KEY(clinic_id) REFERENCES clinics (clinic_id)
);
CREATE TABLE notes (
	clinic_id VARCHAR(36) NOT NULL, 
	note_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	event_id VARCHAR(36), 
	author_id VARCHAR(36) NOT NULL, 
	author_name VARCHAR(120) NOT NULL, 
	at DATETIME NOT NULL, 
	text VARCHAR(2000) NOT NULL, 
	undone_at DATETIME, 
	CONSTRAINT pk_notes PRIMARY KEY (clinic_id, note_id), 
	CONSTRAINT fk_notes_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
CREATE TABLE passkeys (
	credential_id VARCHAR(1400) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	public_key BLOB NOT NULL, 
	sign_count INTEGER NOT NULL, 
	name VARCHAR(60) NOT NULL, 
	transports JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	last_used_at DATETIME, 
	CONSTRAINT pk_passkeys PRIMARY KEY (credential_id), 
	CONSTRAINT fk_passkeys_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id)
);
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
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',1,'treatment','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',2,'check_in','e0908dd1-4064-4273-bdc3-000c034afe61','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',3,'treatment','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','c2dc3431-af4f-4430-b872-8c8233a26cc3',1,'treatment','8b26b37a-9e71-4968-84ba-443a75c84305','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','c2dc3431-af4f-4430-b872-8c8233a26cc3',2,'check_in','a56d7f7a-0b0c-4625-919b-df6fbf80fdc1','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','c2dc3431-af4f-4430-b872-8c8233a26cc3',3,'treatment','8b26b37a-9e71-4968-84ba-443a75c84305','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe',1,'treatment','10e2af2f-87b8-44af-ac87-fc34ace8cbc2','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe',2,'check_in','34208696-f189-4e94-b323-29093ece58da','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe',3,'treatment','10e2af2f-87b8-44af-ac87-fc34ace8cbc2','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe',4,'check_in','531bf7a6-f7ca-450a-b10d-f99397547f5b','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030',1,'treatment','1daf512f-c043-4d4d-82a2-11664b694380','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030',2,'check_in','74cbc209-25cc-48f2-aa95-6494cbfe1482','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030',3,'treatment','1daf512f-c043-4d4d-82a2-11664b694380','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030',4,'check_in','1f363aef-07f8-46cf-969d-f519977d2396','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',1,'treatment','3bf4b958-2d34-4d44-8df7-362bbba55b3f','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',2,'check_in','b1491e66-a140-4ca8-834a-0313de580279','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',3,'treatment','3bf4b958-2d34-4d44-8df7-362bbba55b3f','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',4,'check_in','1e6a341f-311a-421f-9b4d-137e8ca8c36f','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37',1,'treatment','e5b59f06-30a7-417b-aeec-e6a309791668','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37',2,'check_in','25f679df-41c5-4267-929f-8a98c2cf13de','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37',3,'treatment','e5b59f06-30a7-417b-aeec-e6a309791668','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37',4,'check_in','e6bef1a4-e575-46e2-8619-d03ed3f5cce4','2026-11-24 10:00:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',4,'check_in','221c4e00-3f99-41ee-baf2-7f802dc5fd3d','2026-11-24 19:50:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',5,'treatment','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','2026-11-24 19:50:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',6,'check_in','baa1c6f1-404b-4eaf-962a-01dec28753f8','2026-11-24 19:50:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',7,'check_in','b35331ce-af2e-49dd-87e3-55b26210b784','2026-11-24 19:50:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',8,'check_in','9fb932d4-f039-4722-96ff-82e389e3995a','2026-11-24 19:50:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',9,'check_in','b8e3c71f-6bf0-4d62-b310-57ca7d411fab','2026-11-24 19:50:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',10,'check_in','cae8c077-3779-45b3-96a1-da2c9cfbba43','2026-11-24 19:50:00.000000');
INSERT INTO "patient_log" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97',11,'check_in','d283eb3a-5fbd-438e-89cf-158de6e96d45','2026-11-24 19:50:00.000000');
CREATE TABLE patient_terms (
	clinic_id VARCHAR(36) NOT NULL, 
	term VARCHAR(120) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	CONSTRAINT pk_patient_terms PRIMARY KEY (clinic_id, term, patient_id), 
	CONSTRAINT fk_patient_terms_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','0461','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','07700900461','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','2201','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7700900461','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','900461','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','ana','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','r','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','r2201','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','renner','28382609-530d-4b37-8f1c-c5386e44ac97');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','0461','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','07700900461','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','2202','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7700900461','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','900461','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','ben','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','r','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','r2202','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','t','c2dc3431-af4f-4430-b872-8c8233a26cc3');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','0461','7bff7993-60e1-4919-9559-d767624478fe');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','07700900461','7bff7993-60e1-4919-9559-d767624478fe');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1961','7bff7993-60e1-4919-9559-d767624478fe');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7700900461','7bff7993-60e1-4919-9559-d767624478fe');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','900461','7bff7993-60e1-4919-9559-d767624478fe');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','k','7bff7993-60e1-4919-9559-d767624478fe');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','mira','7bff7993-60e1-4919-9559-d767624478fe');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','0461','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','07700900461','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','2207','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7700900461','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','900461','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','o','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','r','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','r2207','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','tom','8c46775b-1080-481e-948d-daf437208030');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','0461','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','07700900461','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','2214','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7700900461','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','900461','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','l','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','r','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','r2214','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','sana','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','0461','24930e60-ba7a-4787-bfd9-3966758c7b37');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','07700900461','24930e60-ba7a-4787-bfd9-3966758c7b37');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1979','24930e60-ba7a-4787-bfd9-3966758c7b37');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7700900461','24930e60-ba7a-4787-bfd9-3966758c7b37');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','900461','24930e60-ba7a-4787-bfd9-3966758c7b37');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','ivo','24930e60-ba7a-4787-bfd9-3966758c7b37');
INSERT INTO "patient_terms" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','p','24930e60-ba7a-4787-bfd9-3966758c7b37');
CREATE TABLE patient_versions (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	version INTEGER NOT NULL, 
	display_name VARCHAR(120) NOT NULL, 
	second_identifier VARCHAR(60) NOT NULL, 
	phone_number VARCHAR(25) NOT NULL, 
	replaced_at DATETIME NOT NULL, 
	replaced_by VARCHAR(120) NOT NULL, 
	CONSTRAINT pk_patient_versions PRIMARY KEY (clinic_id, patient_id, version), 
	CONSTRAINT fk_patient_versions_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
CREATE TABLE patients (
	clinic_id VARCHAR(36) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	second_identifier VARCHAR(60) NOT NULL, 
	phone_number VARCHAR(25) NOT NULL, 
	log_seq INTEGER NOT NULL, sort_name VARCHAR(120) DEFAULT '' NOT NULL, assigned_id VARCHAR(36), 
	CONSTRAINT pk_patients PRIMARY KEY (clinic_id, account_id), 
	CONSTRAINT fk_patients_clinic_id_account_id_accounts FOREIGN KEY(clinic_id, account_id) REFERENCES accounts (clinic_id, account_id)
);
INSERT INTO "patients" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','28382609-530d-4b37-8f1c-c5386e44ac97','R-2201','07700 900461',11,'ana renner',NULL);
INSERT INTO "patients" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','c2dc3431-af4f-4430-b872-8c8233a26cc3','R-2202','07700 900461',3,'ben t',NULL);
INSERT INTO "patients" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','7bff7993-60e1-4919-9559-d767624478fe','1961','07700 900461',4,'mira k',NULL);
INSERT INTO "patients" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8c46775b-1080-481e-948d-daf437208030','R-2207','07700 900461',4,'tom o',NULL);
INSERT INTO "patients" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e','R-2214','07700 900461',4,'sana l',NULL);
INSERT INTO "patients" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','24930e60-ba7a-4787-bfd9-3966758c7b37','1979','07700 900461',4,'ivo p',NULL);
CREATE TABLE push_subscriptions (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	endpoint_hash VARCHAR(64) NOT NULL, 
	session_id VARCHAR(36) NOT NULL, 
	endpoint VARCHAR(1000) NOT NULL, 
	p256dh VARCHAR(88) NOT NULL, 
	auth VARCHAR(24) NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME, 
	give_up_at DATETIME, 
	try_count INTEGER NOT NULL, 
	sent_at DATETIME, 
	CONSTRAINT pk_push_subscriptions PRIMARY KEY (clinic_id, endpoint_hash), 
	CONSTRAINT fk_push_subscriptions_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
CREATE TABLE recovery_codes (
	code_hash VARCHAR(64) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	created_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_recovery_codes PRIMARY KEY (code_hash), 
	CONSTRAINT fk_recovery_codes_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id)
);
CREATE TABLE reminder_settings (
	clinic_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	quiet_from VARCHAR(5) NOT NULL, 
	quiet_until VARCHAR(5) NOT NULL, 
	time_zone VARCHAR(60) NOT NULL, 
	next_at DATETIME, 
	CONSTRAINT pk_reminder_settings PRIMARY KEY (clinic_id, patient_id), 
	CONSTRAINT fk_reminder_settings_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
CREATE TABLE reset_requests (
	secret_hash VARCHAR(64) NOT NULL, 
	number_hash VARCHAR(64) NOT NULL, 
	account_id VARCHAR(36), 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	approved_at DATETIME, 
	approved_by VARCHAR(36), 
	used_at DATETIME, 
	CONSTRAINT pk_reset_requests PRIMARY KEY (secret_hash), 
	CONSTRAINT fk_reset_requests_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id)
);
INSERT INTO "reset_requests" VALUES('23e1fb37fad0500f6b96ebc3419fc66b766abb76fb9685c08b6d5902103aa7b0','eddbb1f3ff5fd986477e1c911c4d320c38968f821638f5312948cdf6b1e66a2f','28382609-530d-4b37-8f1c-c5386e44ac97','2026-11-25 09:06:00.000000','2026-11-25 09:36:00.000000','2026-11-25 09:06:00.000000','b66529e3-154e-4b16-99fc-b43c5f750696','2026-11-25 09:06:00.000000');
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
	undone_at DATETIME, kind VARCHAR(10) DEFAULT 'read' NOT NULL, message VARCHAR(2000), 
	CONSTRAINT pk_reviews PRIMARY KEY (clinic_id, review_id), 
	CONSTRAINT fk_reviews_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "reviews" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','47df9f44-ab3d-4ecd-b077-3f0320e02271','28382609-530d-4b37-8f1c-c5386e44ac97','["b35331ce-af2e-49dd-87e3-55b26210b784","baa1c6f1-404b-4eaf-962a-01dec28753f8"]','b66529e3-154e-4b16-99fc-b43c5f750696','Dr Cole','clinician','2026-11-25 09:05:00.000000','spoke_with_patient','Rang back; sleeping better.',0,NULL,'read',NULL);
CREATE TABLE sessions (
	token_hash VARCHAR(64) NOT NULL, 
	session_id VARCHAR(36) NOT NULL, 
	account_id VARCHAR(36) NOT NULL, 
	stage VARCHAR(20) NOT NULL, 
	label VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	active_at DATETIME NOT NULL, 
	confirmed_at DATETIME, 
	ended_at DATETIME, clinic_id VARCHAR(36), 
	CONSTRAINT pk_sessions PRIMARY KEY (token_hash), 
	CONSTRAINT fk_sessions_account_id_accounts FOREIGN KEY(account_id) REFERENCES accounts (account_id), 
	CONSTRAINT uq_sessions_session_id UNIQUE (session_id)
);
INSERT INTO "sessions" VALUES('cc907acc0211554a4604e59814e30b6500be2f6640007a9a94e04ab911bc707d','b1e06123-8432-40b5-aba6-c1706d7944dc','b66529e3-154e-4b16-99fc-b43c5f750696','full','A browser','2026-11-24 10:05:00.000000','2026-11-24 22:05:00.000000','2026-11-24 10:05:00.000000','2026-11-24 10:05:00.000000',NULL,NULL);
INSERT INTO "sessions" VALUES('58a13ce87b1cfdfe7df9e65e41e6d93839db0f2ee9dbc6cab248785ffcef5d70','2dd40464-5fb2-45e3-a38a-4df4994a0670','28382609-530d-4b37-8f1c-c5386e44ac97','full','A browser','2026-11-24 10:05:00.000000','2026-12-24 10:05:00.000000','2026-11-24 19:50:00.000000','2026-11-24 10:05:00.000000','2026-11-25 09:06:00.000000',NULL);
INSERT INTO "sessions" VALUES('a1b8e0c1896b202beeb192163688751af40ced699e2bf0cbd9db5fa361b5c742','e2d34c4c-b70f-4a2a-9747-1c3768deddf1','b66529e3-154e-4b16-99fc-b43c5f750696','full','A browser','2026-11-25 09:05:00.000000','2026-11-25 21:05:00.000000','2026-11-25 09:06:00.000000','2026-11-25 09:06:00.000000',NULL,NULL);
INSERT INTO "sessions" VALUES('82b77fe1d599612ee491e235f6c0b568d3679d4aed03cf8edabbd1feb1d36a1f','28b24d4c-8f5d-477b-9211-bcc60089751c','28382609-530d-4b37-8f1c-c5386e44ac97','full','A browser','2026-11-25 09:06:00.000000','2026-12-25 09:06:00.000000','2026-11-25 09:06:00.000000','2026-11-25 09:06:00.000000',NULL,NULL);
INSERT INTO "sessions" VALUES('d775fcdecb4a249acfbafe1d2bb4c25a031db744d89e4a2706af5d43cfef61cc','c187bfe8-b3d9-4d25-bd4e-59974e33c99f','28382609-530d-4b37-8f1c-c5386e44ac97','full','A browser','2026-11-25 09:06:00.000000','2026-12-25 09:06:00.000000','2026-11-25 09:06:00.000000','2026-11-25 09:06:00.000000','2026-11-25 09:07:00.000000',NULL);
INSERT INTO "sessions" VALUES('fe17736b6b098de00d0c0d8333f616fa944833d356ef8b81fab2d046c0f0512a','acd0c126-3fe4-46f6-a44f-c255944d44c2','3f6e6af4-bf0c-46aa-8669-4829735e01a4','full','A browser','2026-11-25 09:06:00.000000','2026-11-25 21:06:00.000000','2026-11-25 09:06:00.000000','2026-11-25 09:06:00.000000',NULL,NULL);
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
INSERT INTO "sign_offs" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9',2,1,1,'demo, no clinician','b66529e3-154e-4b16-99fc-b43c5f750696','2026-11-24 10:00:00.000000');
INSERT INTO "sign_offs" VALUES('19eeea01-6920-4362-86fb-d24dfd9a57b7',2,1,1,'demo, no clinician','b1bfb2d0-e592-4aa7-98f5-e1c64d3526cc','2026-11-24 10:00:00.000000');
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
INSERT INTO "treatment_versions" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69',1,'knee','right','2026-11-21',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-19 10:30:00.000000','Dr Cole','2026-11-24 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8b26b37a-9e71-4968-84ba-443a75c84305',1,'shoulder','left','2026-11-23',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-21 10:30:00.000000','Dr Cole','2026-11-24 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','10e2af2f-87b8-44af-ac87-fc34ace8cbc2',1,'hip','left','2026-11-19',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-17 10:30:00.000000','Dr Cole','2026-11-24 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1daf512f-c043-4d4d-82a2-11664b694380',1,'elbow','left','2026-11-15',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-13 10:30:00.000000','Dr Cole','2026-11-24 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','3bf4b958-2d34-4d44-8df7-362bbba55b3f',1,'ankle','right','2026-11-21',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-19 10:30:00.000000','Dr Cole','2026-11-24 10:00:00.000000');
INSERT INTO "treatment_versions" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','e5b59f06-30a7-417b-aeec-e6a309791668',1,'shoulder','right','2026-11-22',1,'Dextrose 15 % with lidocaine','Dr Cole','2026-12-20 10:30:00.000000','Dr Cole','2026-11-24 10:00:00.000000');
CREATE TABLE treatments (
	clinic_id VARCHAR(36) NOT NULL, 
	treatment_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	version INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_treatments PRIMARY KEY (clinic_id, treatment_id), 
	CONSTRAINT fk_treatments_clinic_id_patient_id_patients FOREIGN KEY(clinic_id, patient_id) REFERENCES patients (clinic_id, account_id)
);
INSERT INTO "treatments" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','0dcbd1ff-7c3b-44a4-88bb-b8e98dc44e69','28382609-530d-4b37-8f1c-c5386e44ac97',1,'2026-11-24 10:00:00.000000');
INSERT INTO "treatments" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','8b26b37a-9e71-4968-84ba-443a75c84305','c2dc3431-af4f-4430-b872-8c8233a26cc3',1,'2026-11-24 10:00:00.000000');
INSERT INTO "treatments" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','10e2af2f-87b8-44af-ac87-fc34ace8cbc2','7bff7993-60e1-4919-9559-d767624478fe',1,'2026-11-24 10:00:00.000000');
INSERT INTO "treatments" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1daf512f-c043-4d4d-82a2-11664b694380','8c46775b-1080-481e-948d-daf437208030',1,'2026-11-24 10:00:00.000000');
INSERT INTO "treatments" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','3bf4b958-2d34-4d44-8df7-362bbba55b3f','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',1,'2026-11-24 10:00:00.000000');
INSERT INTO "treatments" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','e5b59f06-30a7-417b-aeec-e6a309791668','24930e60-ba7a-4787-bfd9-3966758c7b37',1,'2026-11-24 10:00:00.000000');
CREATE TABLE unread_check_ins (
	clinic_id VARCHAR(36) NOT NULL, 
	event_id VARCHAR(36) NOT NULL, 
	patient_id VARCHAR(36) NOT NULL, 
	rank INTEGER NOT NULL, 
	received_at DATETIME NOT NULL, 
	CONSTRAINT pk_unread_check_ins PRIMARY KEY (clinic_id, event_id), 
	CONSTRAINT fk_unread_check_ins_clinic_id_event_id_check_in_events FOREIGN KEY(clinic_id, event_id) REFERENCES check_in_events (clinic_id, event_id)
);
INSERT INTO "unread_check_ins" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','531bf7a6-f7ca-450a-b10d-f99397547f5b','7bff7993-60e1-4919-9559-d767624478fe',4,'2026-11-24 10:00:00.000000');
INSERT INTO "unread_check_ins" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1f363aef-07f8-46cf-969d-f519977d2396','8c46775b-1080-481e-948d-daf437208030',2,'2026-11-24 10:00:00.000000');
INSERT INTO "unread_check_ins" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1e6a341f-311a-421f-9b4d-137e8ca8c36f','06db3a3f-e3e4-45a7-852c-ee7e047e1b4e',3,'2026-11-24 10:00:00.000000');
INSERT INTO "unread_check_ins" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','e6bef1a4-e575-46e2-8619-d03ed3f5cce4','24930e60-ba7a-4787-bfd9-3966758c7b37',1,'2026-11-24 10:00:00.000000');
INSERT INTO "unread_check_ins" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','b8e3c71f-6bf0-4d62-b310-57ca7d411fab','28382609-530d-4b37-8f1c-c5386e44ac97',4,'2026-11-24 19:50:00.000000');
INSERT INTO "unread_check_ins" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','d283eb3a-5fbd-438e-89cf-158de6e96d45','28382609-530d-4b37-8f1c-c5386e44ac97',0,'2026-11-24 19:50:00.000000');
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
	made_at DATETIME NOT NULL, made_by VARCHAR(120), remark VARCHAR(500) DEFAULT '' NOT NULL, 
	CONSTRAINT pk_verdicts PRIMARY KEY (clinic_id, event_id, number), 
	CONSTRAINT fk_verdicts_clinic_id_event_id_check_in_events FOREIGN KEY(clinic_id, event_id) REFERENCES check_in_events (clinic_id, event_id)
);
INSERT INTO "verdicts" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','531bf7a6-f7ca-450a-b10d-f99397547f5b',1,'emergency','["E7_FEVER_JOINT"]','["S1_FEVER","C1_PAIN_HIGH"]','[]','{"anticoagulant":false,"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"days_since":5,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":true,"high_risk":false,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"open_clinic_flags":0,"pain_baseline":5,"pain_now":8,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"hip","swelling":"mild","temp_c":38.4,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-24 10:00:00.000000',NULL,'');
INSERT INTO "verdicts" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1f363aef-07f8-46cf-969d-f519977d2396',1,'clinic_hours','["C1_PAIN_HIGH","C2_PAIN_NOT_SETTLED"]','[]','[]','{"anticoagulant":false,"breathless":false,"cannot_use":"no","chest_pain":false,"days_since":9,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"high_risk":false,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"open_clinic_flags":0,"pain_baseline":5,"pain_now":7,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"elbow","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-24 10:00:00.000000',NULL,'');
INSERT INTO "verdicts" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','1e6a341f-311a-421f-9b4d-137e8ca8c36f',1,'same_day','["S5_HOT_SWOLLEN_LATE"]','["C4_LOCAL_SIGNS"]','[]','{"anticoagulant":false,"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"days_since":3,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"high_risk":false,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"open_clinic_flags":0,"pain_baseline":5,"pain_now":4,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"ankle","site_alarm":false,"swelling":"moderate","temp_c":null,"very_unwell":false,"warmth":true,"weakness":false}',1,'received','2026-11-24 10:00:00.000000',NULL,'');
INSERT INTO "verdicts" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','e6bef1a4-e575-46e2-8619-d03ed3f5cce4',1,'expected','["N1_EXPECTED_FLARE"]','[]','[]','{"anticoagulant":false,"breathless":false,"cannot_use":"no","chest_pain":false,"days_since":2,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"high_risk":false,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"numbness":false,"open_clinic_flags":0,"pain_baseline":5,"pain_now":3,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"shoulder","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-24 10:00:00.000000',NULL,'');
INSERT INTO "verdicts" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','baa1c6f1-404b-4eaf-962a-01dec28753f8',1,'clinic_hours','["C10_INCOMPLETE"]','[]','["high_risk"]','{"anticoagulant":false,"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"days_since":3,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":false,"high_risk":null,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"note":"Stairs were hard. Größe, 膝, 🦵.","numbness":false,"open_clinic_flags":0,"pain_baseline":6,"pain_now":4,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"knee","swelling":"mild","temp_c":null,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-24 19:50:00.000000',NULL,'');
INSERT INTO "verdicts" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','b35331ce-af2e-49dd-87e3-55b26210b784',1,'emergency','["E7_FEVER_JOINT"]','["S1_FEVER","C1_PAIN_HIGH","C10_INCOMPLETE"]','["high_risk"]','{"anticoagulant":false,"breathless":false,"calf":false,"cannot_use":"no","chest_pain":false,"days_since":3,"drainage":"none","face_swelling":false,"fever_medicine_6h":false,"feverish":true,"high_risk":null,"immune_suppressed":false,"limb_cold_pale":false,"neuro_severe":false,"note":"Shivery now.","numbness":false,"open_clinic_flags":0,"pain_baseline":6,"pain_now":7,"pain_prev":null,"pain_trend_self":"same","rash":"none","redness":"none","site":"knee","swelling":"mild","temp_c":38.4,"very_unwell":false,"warmth":false,"weakness":false}',1,'received','2026-11-24 19:50:00.000000',NULL,'');
INSERT INTO "verdicts" VALUES('649c17cf-bf5c-4213-96b0-73b692f1ffe9','b8e3c71f-6bf0-4d62-b310-57ca7d411fab',1,'emergency','["E1_BREATHING"]','["C10_INCOMPLETE"]','["chest_pain","face_swelling","very_unwell","neuro_severe","limb_cold_pale","pain_now","swelling","cannot_use","warmth","redness","drainage","rash","numbness","weakness","calf","temp_or_feverish","high_risk"]','{"anticoagulant":false,"breathless":true,"days_since":3,"high_risk":null,"immune_suppressed":false,"open_clinic_flags":0,"pain_baseline":6,"pain_prev":7,"site":"knee"}',1,'received','2026-11-24 19:50:00.000000',NULL,'');
CREATE INDEX ix_invites_clinic_id_account_id ON invites (clinic_id, account_id);
CREATE INDEX ix_attention_clinic_id_rank_since ON attention (clinic_id, rank, since);
CREATE INDEX ix_reviews_clinic_id_patient_id ON reviews (clinic_id, patient_id);
CREATE INDEX ix_treatments_clinic_id_patient_id ON treatments (clinic_id, patient_id);
CREATE INDEX ix_check_in_events_clinic_id_patient_id_received_at ON check_in_events (clinic_id, patient_id, received_at);
CREATE INDEX ix_unread_check_ins_clinic_id_patient_id ON unread_check_ins (clinic_id, patient_id);
CREATE INDEX ix_sessions_account_id ON sessions (account_id);
CREATE INDEX ix_passkeys_account_id ON passkeys (account_id);
CREATE INDEX ix_recovery_codes_account_id ON recovery_codes (account_id);
CREATE INDEX ix_failed_tries_key_hash_at ON failed_tries (key_hash, at);
CREATE INDEX ix_failed_tries_at ON failed_tries (at);
CREATE INDEX ix_reset_requests_account_id ON reset_requests (account_id);
CREATE INDEX ix_audit_entries_clinic_id_entry_id ON audit_entries (clinic_id, entry_id);
CREATE INDEX ix_audit_entries_clinic_id_subject_id_entry_id ON audit_entries (clinic_id, subject_id, entry_id);
CREATE TRIGGER audit_entries_stay_as_they_are BEFORE UPDATE ON audit_entries
        BEGIN SELECT RAISE(ABORT, 'an audit entry is never changed'); END;
CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
        BEGIN SELECT RAISE(ABORT, 'an audit entry is never removed'); END;
CREATE TRIGGER audit_entries_are_not_replaced BEFORE INSERT ON audit_entries
        WHEN EXISTS (
            SELECT 1 FROM audit_entries WHERE entry_id = NEW.entry_id
            UNION ALL
            SELECT 1 FROM audit_entries
            WHERE clinic_id = NEW.clinic_id AND chain_no = NEW.chain_no
        )
        BEGIN SELECT RAISE(ABORT, 'an audit entry is never replaced'); END;
CREATE TRIGGER audit_heads_stay BEFORE DELETE ON audit_heads
        BEGIN SELECT RAISE(ABORT, 'the end of an audit chain is never removed'); END;
CREATE TRIGGER audit_heads_go_forward BEFORE UPDATE ON audit_heads
        WHEN NEW.clinic_id <> OLD.clinic_id OR NEW.chain_no <= OLD.chain_no
        BEGIN SELECT RAISE(ABORT, 'an audit chain only grows'); END;
CREATE INDEX ix_accounts_clinic_id_role ON accounts (clinic_id, role);
CREATE INDEX ix_patients_clinic_id_sort_name_account_id ON patients (clinic_id, sort_name, account_id);
CREATE INDEX ix_attention_clinic_id_rank_site_treated_by_newest_at_mark ON attention (clinic_id, rank, site, treated_by, newest_at, mark);
CREATE INDEX ix_patients_clinic_id_assigned_id ON patients (clinic_id, assigned_id);
CREATE INDEX ix_check_in_events_clinic_id_treatment_id_kind ON check_in_events (clinic_id, treatment_id, kind);
CREATE INDEX ix_check_in_events_clinic_id_supersedes ON check_in_events (clinic_id, supersedes);
CREATE INDEX ix_notes_clinic_id_patient_id ON notes (clinic_id, patient_id);
CREATE INDEX ix_hand_overs_clinic_id_patient_id ON hand_overs (clinic_id, patient_id);
CREATE INDEX ix_expectations_clinic_id_overdue_at ON expectations (clinic_id, overdue_at);
CREATE INDEX ix_patient_terms_clinic_id_patient_id_term ON patient_terms (clinic_id, patient_id, term);
CREATE INDEX ix_memberships_account_id ON memberships (account_id);
CREATE INDEX ix_reminder_settings_next_at ON reminder_settings (next_at);
CREATE INDEX ix_push_subscriptions_clinic_id_patient_id ON push_subscriptions (clinic_id, patient_id);
CREATE INDEX ix_push_subscriptions_endpoint_hash ON push_subscriptions (endpoint_hash);
CREATE INDEX ix_push_subscriptions_due_at ON push_subscriptions (due_at);
CREATE INDEX ix_calendar_links_token_hash ON calendar_links (token_hash);
COMMIT;
