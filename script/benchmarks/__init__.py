"""What `script/bench` measures, each figure beside a floor or a ceiling of the same run."""
