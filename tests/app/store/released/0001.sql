BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	action VARCHAR(32) NOT NULL, 
	entity VARCHAR(32) NOT NULL, 
	entity_id INTEGER, 
	detail JSON NOT NULL
);
INSERT INTO "audit" VALUES(1,'2026-11-26 00:12:28.731404','李医师','import','import_batch',1,'{"patients_added": 2, "patients_updated": 0, "visits_added": 5, "visits_updated": 0, "visits_unchanged": 0}');
INSERT INTO "audit" VALUES(2,'2026-11-26 00:12:28.978948','李医师','update','visit',1,'{"patient": "P00001", "before": {"number": 1, "kind": "first", "day": 0.0, "basis": "exact", "date": "2024-01-01", "label": "", "text": "脉弦数，不渴", "observations": [{"concept": "sym.s0", "kind": "score", "number": 0.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s1", "kind": "score", "number": 2.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s2", "kind": "score", "number": 0.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}], "pulses": [{"side": "left", "position": "guan", "terms": ["pul.wiry", "pul.rapid"], "raw": "弦数"}], "diagnoses": [{"kind": "syndrome", "text": "肝郁化火", "code": "syn.liver_fire"}], "prescriptions": [{"items": [{"raw_name": "柴胡", "herb": "herb.chaihu", "grams": 9.0, "processing": "", "note": "", "raw_dose": ""}, {"raw_name": "炒白术", "herb": "herb.baizhu", "grams": 12.0, "processing": "炒", "note": "", "raw_dose": ""}], "formula": "丹栀逍遥散", "days": 7.0, "mode": "full", "raw": ""}], "outcome": ""}}');
INSERT INTO "audit" VALUES(3,'2026-11-26 00:12:28.978948','李医师','update','visit',2,'{"patient": "P00001", "before": {"number": 2, "kind": "follow_up", "day": 7.0, "basis": "exact", "date": "2024-01-08", "label": "", "text": "脉弦数，不渴", "observations": [{"concept": "sym.s0", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s1", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s2", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}], "pulses": [{"side": "left", "position": "guan", "terms": ["pul.wiry", "pul.rapid"], "raw": "弦数"}], "diagnoses": [{"kind": "syndrome", "text": "肝郁化火", "code": "syn.liver_fire"}], "prescriptions": [{"items": [{"raw_name": "柴胡", "herb": "herb.chaihu", "grams": 9.0, "processing": "", "note": "", "raw_dose": ""}, {"raw_name": "炒白术", "herb": "herb.baizhu", "grams": 12.0, "processing": "炒", "note": "", "raw_dose": ""}], "formula": "丹栀逍遥散", "days": 7.0, "mode": "full", "raw": ""}], "outcome": ""}}');
INSERT INTO "audit" VALUES(4,'2026-11-26 00:12:28.980029','李医师','import','import_batch',2,'{"patients_added": 0, "patients_updated": 1, "visits_added": 0, "visits_updated": 2, "visits_unchanged": 0}');
CREATE TABLE diagnosis (
	id INTEGER NOT NULL, 
	visit_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	text TEXT NOT NULL, 
	code TEXT NOT NULL, 
	CONSTRAINT pk_diagnosis PRIMARY KEY (id), 
	CONSTRAINT fk_diagnosis_visit_id_visit FOREIGN KEY(visit_id) REFERENCES visit (id) ON DELETE CASCADE, 
	CONSTRAINT uq_diagnosis_visit_id_seq UNIQUE (visit_id, seq)
);
INSERT INTO "diagnosis" VALUES(3,3,0,'syndrome','肝郁化火','syn.liver_fire');
INSERT INTO "diagnosis" VALUES(4,4,0,'syndrome','肝郁化火','syn.liver_fire');
INSERT INTO "diagnosis" VALUES(5,5,0,'syndrome','肝郁化火','syn.liver_fire');
INSERT INTO "diagnosis" VALUES(6,1,0,'syndrome','肝郁化火','syn.liver_fire');
INSERT INTO "diagnosis" VALUES(7,2,0,'syndrome','肝郁化火','syn.liver_fire');
CREATE TABLE import_batch (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	files JSON NOT NULL, 
	report JSON NOT NULL, 
	counts JSON NOT NULL
);
INSERT INTO "import_batch" VALUES(1,'2026-11-26 00:12:24.798998','[]','{}','{"patients_added": 2, "patients_updated": 0, "visits_added": 5, "visits_updated": 0, "visits_unchanged": 0}');
INSERT INTO "import_batch" VALUES(2,'2026-11-26 00:12:28.762880','[]','{}','{"patients_added": 0, "patients_updated": 1, "visits_added": 0, "visits_updated": 2, "visits_unchanged": 0}');
CREATE TABLE model (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	card JSON NOT NULL, 
	path TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT uq_model_name UNIQUE (name)
);
CREATE TABLE observation (
	id INTEGER NOT NULL, 
	visit_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	concept TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	number FLOAT, 
	unit TEXT NOT NULL, 
	code TEXT NOT NULL, 
	text TEXT NOT NULL, 
	negated BOOLEAN NOT NULL, 
	raw TEXT NOT NULL, 
	CONSTRAINT pk_observation PRIMARY KEY (id), 
	CONSTRAINT fk_observation_visit_id_visit FOREIGN KEY(visit_id) REFERENCES visit (id) ON DELETE CASCADE, 
	CONSTRAINT uq_observation_visit_id_seq UNIQUE (visit_id, seq), 
	CONSTRAINT ck_observation_kind CHECK (kind IN ('number', 'score', 'code', 'text'))
);
INSERT INTO "observation" VALUES(7,3,0,'sym.s0','score',0.0,'','','',0,'');
INSERT INTO "observation" VALUES(8,3,1,'sym.s1','score',0.0,'','','',0,'');
INSERT INTO "observation" VALUES(9,4,0,'sym.s0','score',2.0,'','','',0,'');
INSERT INTO "observation" VALUES(10,4,1,'sym.s1','score',1.0,'','','',0,'');
INSERT INTO "observation" VALUES(11,5,0,'sym.s0','score',2.0,'','','',0,'');
INSERT INTO "observation" VALUES(12,5,1,'sym.s1','score',2.0,'','','',0,'');
INSERT INTO "observation" VALUES(13,1,0,'sym.s0','score',0.0,'','','',0,'');
INSERT INTO "observation" VALUES(14,1,1,'sym.s1','score',2.0,'','','',0,'');
INSERT INTO "observation" VALUES(15,1,2,'sym.s2','score',0.0,'','','',0,'');
INSERT INTO "observation" VALUES(16,2,0,'sym.s0','score',3.0,'','','',0,'');
INSERT INTO "observation" VALUES(17,2,1,'sym.s1','score',3.0,'','','',0,'');
INSERT INTO "observation" VALUES(18,2,2,'sym.s2','score',3.0,'','','',0,'');
CREATE TABLE patient (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	code TEXT NOT NULL, 
	code_key TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	pinyin TEXT NOT NULL, 
	initials TEXT NOT NULL, 
	sex VARCHAR(8) NOT NULL, 
	birth_date DATE, 
	age FLOAT, 
	chief TEXT NOT NULL, 
	note TEXT NOT NULL, 
	attributes JSON NOT NULL, 
	version INTEGER NOT NULL, 
	CONSTRAINT uq_patient_code_key UNIQUE (code_key)
);
INSERT INTO "patient" VALUES(1,'P00001','p00001','王小明','王小明','wangxiaoming wangxiaomeng yuxiaoming yuxiaomeng','wxm yxm','F','1970-05-17',NULL,'失眠','','{"arm": "b"}',1);
INSERT INTO "patient" VALUES(2,'P00002','p00002','单于','单于','danyu danwei danxu chanyu chanwei chanxu shanyu shanwei shanxu','dy dw dx cy cw cx sy sw sx','F','1970-05-17',NULL,'失眠','','{"arm": "a"}',1);
CREATE TABLE prescription (
	id INTEGER NOT NULL, 
	visit_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	formula TEXT NOT NULL, 
	days FLOAT, 
	mode VARCHAR(32) NOT NULL, 
	raw TEXT NOT NULL, 
	CONSTRAINT pk_prescription PRIMARY KEY (id), 
	CONSTRAINT fk_prescription_visit_id_visit FOREIGN KEY(visit_id) REFERENCES visit (id) ON DELETE CASCADE, 
	CONSTRAINT uq_prescription_visit_id_seq UNIQUE (visit_id, seq)
);
INSERT INTO "prescription" VALUES(3,3,0,'丹栀逍遥散',7.0,'full','');
INSERT INTO "prescription" VALUES(4,4,0,'丹栀逍遥散',7.0,'full','');
INSERT INTO "prescription" VALUES(5,5,0,'丹栀逍遥散',7.0,'full','');
INSERT INTO "prescription" VALUES(6,1,0,'丹栀逍遥散',7.0,'full','');
INSERT INTO "prescription" VALUES(7,2,0,'丹栀逍遥散',7.0,'full','');
CREATE TABLE prescription_item (
	id INTEGER NOT NULL, 
	prescription_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	raw_name TEXT NOT NULL, 
	herb TEXT NOT NULL, 
	grams FLOAT, 
	processing TEXT NOT NULL, 
	note TEXT NOT NULL, 
	raw_dose TEXT NOT NULL, 
	CONSTRAINT pk_prescription_item PRIMARY KEY (id), 
	CONSTRAINT fk_prescription_item_prescription_id_prescription FOREIGN KEY(prescription_id) REFERENCES prescription (id) ON DELETE CASCADE, 
	CONSTRAINT uq_prescription_item_prescription_id_seq UNIQUE (prescription_id, seq)
);
INSERT INTO "prescription_item" VALUES(5,3,0,'柴胡','herb.chaihu',9.0,'','','');
INSERT INTO "prescription_item" VALUES(6,3,1,'炒白术','herb.baizhu',12.0,'炒','','');
INSERT INTO "prescription_item" VALUES(7,4,0,'柴胡','herb.chaihu',9.0,'','','');
INSERT INTO "prescription_item" VALUES(8,4,1,'炒白术','herb.baizhu',12.0,'炒','','');
INSERT INTO "prescription_item" VALUES(9,5,0,'柴胡','herb.chaihu',9.0,'','','');
INSERT INTO "prescription_item" VALUES(10,5,1,'炒白术','herb.baizhu',12.0,'炒','','');
INSERT INTO "prescription_item" VALUES(11,6,0,'柴胡','herb.chaihu',9.0,'','','');
INSERT INTO "prescription_item" VALUES(12,6,1,'炒白术','herb.baizhu',12.0,'炒','','');
INSERT INTO "prescription_item" VALUES(13,7,0,'柴胡','herb.chaihu',9.0,'','','');
INSERT INTO "prescription_item" VALUES(14,7,1,'炒白术','herb.baizhu',12.0,'炒','','');
CREATE TABLE pulse_reading (
	id INTEGER NOT NULL, 
	visit_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	side VARCHAR(16) NOT NULL, 
	position VARCHAR(16) NOT NULL, 
	terms JSON NOT NULL, 
	raw TEXT NOT NULL, 
	CONSTRAINT pk_pulse_reading PRIMARY KEY (id), 
	CONSTRAINT fk_pulse_reading_visit_id_visit FOREIGN KEY(visit_id) REFERENCES visit (id) ON DELETE CASCADE, 
	CONSTRAINT uq_pulse_reading_visit_id_seq UNIQUE (visit_id, seq), 
	CONSTRAINT ck_pulse_reading_side CHECK (side IN ('left', 'right', 'both')), 
	CONSTRAINT ck_pulse_reading_position CHECK (position IN ('cun', 'guan', 'chi', 'whole'))
);
INSERT INTO "pulse_reading" VALUES(3,3,0,'left','guan','["pul.wiry", "pul.rapid"]','弦数');
INSERT INTO "pulse_reading" VALUES(4,4,0,'left','guan','["pul.wiry", "pul.rapid"]','弦数');
INSERT INTO "pulse_reading" VALUES(5,5,0,'left','guan','["pul.wiry", "pul.rapid"]','弦数');
INSERT INTO "pulse_reading" VALUES(6,1,0,'left','guan','["pul.wiry", "pul.rapid"]','弦数');
INSERT INTO "pulse_reading" VALUES(7,2,0,'left','guan','["pul.wiry", "pul.rapid"]','弦数');
CREATE TABLE visit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	patient_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	source_number INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	day FLOAT NOT NULL, 
	basis VARCHAR(16) NOT NULL, 
	date DATE, 
	label TEXT NOT NULL, 
	text TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	batch_id INTEGER, 
	version INTEGER NOT NULL, 
	CONSTRAINT fk_visit_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id) ON DELETE SET NULL, 
	CONSTRAINT fk_visit_patient_id_patient FOREIGN KEY(patient_id) REFERENCES patient (id) ON DELETE CASCADE, 
	CONSTRAINT uq_visit_patient_id_number UNIQUE (patient_id, number), 
	CONSTRAINT ck_visit_kind CHECK (kind IN ('first', 'follow_up')), 
	CONSTRAINT ck_visit_basis CHECK (basis IN ('exact', 'relative', 'order'))
);
INSERT INTO "visit" VALUES(1,1,1,1,'first',0.0,'exact','2024-01-01','','改','','71b26c39bcf60f19d8392748b2d102162afa6bfb7129d1e1ae3b96d0e73f8ca8',2,2);
INSERT INTO "visit" VALUES(2,1,2,2,'follow_up',7.0,'exact','2024-01-08','','改','','dfe9edb2354ad97e52ebb908c6768983770add10043ba40bd79f9eb88003998b',2,2);
INSERT INTO "visit" VALUES(3,2,1,1,'first',0.0,'exact','2024-01-01','','脉弦数，不渴','','95adf4cdd5b4087da891a05a3b7f00a940dc22f8c22629e3d8c1beba3dd17383',1,1);
INSERT INTO "visit" VALUES(4,2,2,2,'follow_up',7.0,'exact','2024-01-08','','脉弦数，不渴','','0db7692a3fcf20f8758b346c73b9c6fde7fd50c24840841825d6a212e91039a6',1,1);
INSERT INTO "visit" VALUES(5,2,3,3,'follow_up',14.0,'exact','2024-01-15','','脉弦数，不渴','','369b62e6f19851e885a9d581e42e356b52428688d75924082eb2d2f82ea7d675',1,1);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_entity_entity_id ON audit (entity, entity_id);
CREATE INDEX ix_visit_batch_id ON visit (batch_id);
CREATE INDEX ix_visit_patient_id_date ON visit (patient_id, date);
CREATE INDEX ix_visit_patient_id_day_number ON visit (patient_id, day, number);
CREATE INDEX ix_diagnosis_code_visit_id ON diagnosis (code, visit_id);
CREATE INDEX ix_observation_concept_visit_id ON observation (concept, visit_id);
CREATE INDEX ix_prescription_item_herb_prescription_id ON prescription_item (herb, prescription_id);
COMMIT;
