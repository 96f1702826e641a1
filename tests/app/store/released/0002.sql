BEGIN TRANSACTION;
CREATE TABLE account (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	roles JSON NOT NULL, 
	secret TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	created DATETIME NOT NULL, 
	CONSTRAINT uq_account_name_key UNIQUE (name_key)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE audit (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	action VARCHAR(32) NOT NULL, 
	entity VARCHAR(32) NOT NULL, 
	entity_id INTEGER, 
	detail JSON NOT NULL
, hash VARCHAR(64) DEFAULT '' NOT NULL);
INSERT INTO "audit" VALUES(1,'2026-11-27 02:41:23.576404','root','import','import_batch',1,'{"patients_added": 2, "patients_updated": 0, "visits_added": 5, "visits_updated": 0, "visits_unchanged": 0, "operation": 1}','41962770f1fb82ce2e50f1ea204cdec7db6335f1d7d18f754b1619a802cbbcb3');
INSERT INTO "audit" VALUES(2,'2026-11-27 02:41:23.590703','root','update','visit',1,'{"patient": "P00001", "operation": 2}','fed17b1aee6207dad8b66506bfc166c9650067b84c5aa6dbad8e72083cf5a8a9');
INSERT INTO "audit" VALUES(3,'2026-11-27 02:41:23.590703','root','update','visit',2,'{"patient": "P00001", "operation": 2}','3a3383f1867c3239bb8296c48539097e2f417908755fe871e26b8c7db1f2aa87');
INSERT INTO "audit" VALUES(4,'2026-11-27 02:41:23.591664','root','import','import_batch',2,'{"patients_added": 0, "patients_updated": 1, "visits_added": 0, "visits_updated": 2, "visits_unchanged": 0, "operation": 2}','10281d35299db9aff448b6f439e2c1a40f98630c8900d55533cb1cd234275016');
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	count INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	"key" VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_audit_head PRIMARY KEY (id)
);
INSERT INTO "audit_head" VALUES(1,4,'10281d35299db9aff448b6f439e2c1a40f98630c8900d55533cb1cd234275016','3772e2b3a5a67c14cc6c4f434ab52b230f3cbbf79b8807682e490c397ffcbeaf');
CREATE TABLE concept (
	id INTEGER NOT NULL, 
	pack_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	zh TEXT NOT NULL, 
	en TEXT NOT NULL, 
	pinyin TEXT NOT NULL, 
	synonyms JSON NOT NULL, 
	unit TEXT NOT NULL, 
	scale TEXT NOT NULL, 
	source TEXT NOT NULL, 
	valid_from VARCHAR(10) NOT NULL, 
	valid_to VARCHAR(10) NOT NULL, 
	extra JSON NOT NULL, 
	CONSTRAINT pk_concept PRIMARY KEY (id), 
	CONSTRAINT fk_concept_pack_id_vocabulary_pack FOREIGN KEY(pack_id) REFERENCES vocabulary_pack (id) ON DELETE CASCADE, 
	CONSTRAINT uq_concept_kind_code UNIQUE (kind, code)
);
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
CREATE TABLE draft (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	content JSON NOT NULL, 
	version INTEGER NOT NULL
);
CREATE TABLE history (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	operation_id INTEGER NOT NULL, 
	entity VARCHAR(16) NOT NULL, 
	entity_id INTEGER NOT NULL, 
	patient_id INTEGER NOT NULL, 
	"before" JSON, 
	"after" JSON, 
	version INTEGER NOT NULL, 
	CONSTRAINT fk_history_operation_id_operation FOREIGN KEY(operation_id) REFERENCES operation (id) ON DELETE CASCADE
);
INSERT INTO "history" VALUES(1,2,'visit',1,1,'{"patient_id": 1, "source_number": 1, "content_hash": "9139071fd84e48c1d5bb07cf655bff01380db31d6cbf5bc3147d6876a2d6b63a", "batch_id": 1, "version": 2, "number": 1, "kind": "first", "day": 0.0, "basis": "exact", "date": "2024-01-01", "label": "", "text": "脉弦数，不渴", "observations": [{"concept": "sym.s0", "kind": "score", "number": 0.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s1", "kind": "score", "number": 2.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s2", "kind": "score", "number": 0.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}], "pulses": [{"side": "left", "position": "guan", "terms": ["pul.wiry", "pul.rapid"], "raw": "弦数"}], "diagnoses": [{"kind": "syndrome", "text": "肝郁化火", "code": "syn.liver_fire"}], "prescriptions": [{"items": [{"raw_name": "柴胡", "herb": "herb.chaihu", "grams": 9.0, "processing": "", "note": "", "raw_dose": ""}, {"raw_name": "炒白术", "herb": "herb.baizhu", "grams": 12.0, "processing": "炒", "note": "", "raw_dose": ""}], "formula": "丹栀逍遥散", "days": 7.0, "mode": "full", "raw": ""}], "outcome": ""}','{"patient_id": 1, "source_number": 1, "content_hash": "71b26c39bcf60f19d8392748b2d102162afa6bfb7129d1e1ae3b96d0e73f8ca8", "batch_id": 1, "version": 3, "number": 1, "kind": "first", "day": 0.0, "basis": "exact", "date": "2024-01-01", "label": "", "text": "改", "observations": [{"concept": "sym.s0", "kind": "score", "number": 0.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s1", "kind": "score", "number": 2.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s2", "kind": "score", "number": 0.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}], "pulses": [{"side": "left", "position": "guan", "terms": ["pul.wiry", "pul.rapid"], "raw": "弦数"}], "diagnoses": [{"kind": "syndrome", "text": "肝郁化火", "code": "syn.liver_fire"}], "prescriptions": [{"items": [{"raw_name": "柴胡", "herb": "herb.chaihu", "grams": 9.0, "processing": "", "note": "", "raw_dose": ""}, {"raw_name": "炒白术", "herb": "herb.baizhu", "grams": 12.0, "processing": "炒", "note": "", "raw_dose": ""}], "formula": "丹栀逍遥散", "days": 7.0, "mode": "full", "raw": ""}], "outcome": ""}',3);
INSERT INTO "history" VALUES(2,2,'visit',2,1,'{"patient_id": 1, "source_number": 2, "content_hash": "9e2d9ce6b1bf6f064750b2b50119e0d45478e4d9deb482d0695bf3860b09a76d", "batch_id": 1, "version": 2, "number": 2, "kind": "follow_up", "day": 7.0, "basis": "exact", "date": "2024-01-08", "label": "", "text": "脉弦数，不渴", "observations": [{"concept": "sym.s0", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s1", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s2", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}], "pulses": [{"side": "left", "position": "guan", "terms": ["pul.wiry", "pul.rapid"], "raw": "弦数"}], "diagnoses": [{"kind": "syndrome", "text": "肝郁化火", "code": "syn.liver_fire"}], "prescriptions": [{"items": [{"raw_name": "柴胡", "herb": "herb.chaihu", "grams": 9.0, "processing": "", "note": "", "raw_dose": ""}, {"raw_name": "炒白术", "herb": "herb.baizhu", "grams": 12.0, "processing": "炒", "note": "", "raw_dose": ""}], "formula": "丹栀逍遥散", "days": 7.0, "mode": "full", "raw": ""}], "outcome": ""}','{"patient_id": 1, "source_number": 2, "content_hash": "dfe9edb2354ad97e52ebb908c6768983770add10043ba40bd79f9eb88003998b", "batch_id": 1, "version": 3, "number": 2, "kind": "follow_up", "day": 7.0, "basis": "exact", "date": "2024-01-08", "label": "", "text": "改", "observations": [{"concept": "sym.s0", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s1", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}, {"concept": "sym.s2", "kind": "score", "number": 3.0, "unit": "", "code": "", "text": "", "negated": false, "raw": ""}], "pulses": [{"side": "left", "position": "guan", "terms": ["pul.wiry", "pul.rapid"], "raw": "弦数"}], "diagnoses": [{"kind": "syndrome", "text": "肝郁化火", "code": "syn.liver_fire"}], "prescriptions": [{"items": [{"raw_name": "柴胡", "herb": "herb.chaihu", "grams": 9.0, "processing": "", "note": "", "raw_dose": ""}, {"raw_name": "炒白术", "herb": "herb.baizhu", "grams": 12.0, "processing": "炒", "note": "", "raw_dose": ""}], "formula": "丹栀逍遥散", "days": 7.0, "mode": "full", "raw": ""}], "outcome": ""}',3);
CREATE TABLE import_batch (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	files JSON NOT NULL, 
	report JSON NOT NULL, 
	counts JSON NOT NULL
);
INSERT INTO "import_batch" VALUES(1,'2026-11-27 02:41:23.240829','[]','{}','{"patients_added": 2, "patients_updated": 0, "visits_added": 5, "visits_updated": 0, "visits_unchanged": 0}');
INSERT INTO "import_batch" VALUES(2,'2026-11-27 02:41:23.579004','[]','{}','{"patients_added": 0, "patients_updated": 1, "visits_added": 0, "visits_updated": 2, "visits_unchanged": 0}');
CREATE TABLE mapping_profile (
	signature VARCHAR(64) NOT NULL, 
	mapping JSON NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	CONSTRAINT pk_mapping_profile PRIMARY KEY (signature)
);
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
CREATE TABLE operation (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	label JSON NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	undoes INTEGER, 
	batch_id INTEGER, 
	CONSTRAINT fk_operation_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id) ON DELETE SET NULL, 
	CONSTRAINT fk_operation_undoes_operation FOREIGN KEY(undoes) REFERENCES operation (id)
);
INSERT INTO "operation" VALUES(1,'2026-11-27 02:41:23.241478','root','import','{"template": "Import of {files}", "params": {"files": "-"}}','done',NULL,1);
INSERT INTO "operation" VALUES(2,'2026-11-27 02:41:23.579264','root','import','{"template": "Import of {files}", "params": {"files": "-"}}','done',NULL,2);
CREATE TABLE patient (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	code TEXT NOT NULL, 
	code_key TEXT NOT NULL, 
	name TEXT NOT NULL, 
	name_key TEXT NOT NULL, 
	sex VARCHAR(8) NOT NULL, 
	birth_date DATE, 
	age FLOAT, 
	chief TEXT NOT NULL, 
	note TEXT NOT NULL, 
	attributes JSON NOT NULL, 
	version INTEGER NOT NULL, visits INTEGER DEFAULT '0' NOT NULL, first_date DATE, recent_date DATE DEFAULT '0001-01-01' NOT NULL, recent_day FLOAT DEFAULT '-1' NOT NULL, batch_id INTEGER, 
	CONSTRAINT uq_patient_code_key UNIQUE (code_key)
);
INSERT INTO "patient" VALUES(1,'P00001','p00001','王小明','王小明','F','1970-05-17',NULL,'失眠','','{"arm": "b"}',2,2,'2024-01-01','2024-01-08',7.0,1);
INSERT INTO "patient" VALUES(2,'P00002','p00002','单于','单于','F','1970-05-17',NULL,'失眠','','{"arm": "a"}',2,3,'2024-01-01','2024-01-15',14.0,1);
CREATE TABLE patient_alias (
	code_key TEXT NOT NULL, 
	code TEXT NOT NULL, 
	patient_id INTEGER NOT NULL, 
	CONSTRAINT pk_patient_alias PRIMARY KEY (code_key), 
	CONSTRAINT fk_patient_alias_patient_id_patient FOREIGN KEY(patient_id) REFERENCES patient (id) ON DELETE CASCADE
);
CREATE TABLE patient_key (
	"key" TEXT NOT NULL, 
	patient_id INTEGER NOT NULL, 
	CONSTRAINT pk_patient_key PRIMARY KEY ("key", patient_id), 
	CONSTRAINT fk_patient_key_patient_id_patient FOREIGN KEY(patient_id) REFERENCES patient (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "patient_key" VALUES('00001',1);
INSERT INTO "patient_key" VALUES('0001',1);
INSERT INTO "patient_key" VALUES('001',1);
INSERT INTO "patient_key" VALUES('01',1);
INSERT INTO "patient_key" VALUES('1',1);
INSERT INTO "patient_key" VALUES('m',1);
INSERT INTO "patient_key" VALUES('meng',1);
INSERT INTO "patient_key" VALUES('ming',1);
INSERT INTO "patient_key" VALUES('p00001',1);
INSERT INTO "patient_key" VALUES('wangxiaomeng',1);
INSERT INTO "patient_key" VALUES('wangxiaoming',1);
INSERT INTO "patient_key" VALUES('wxm',1);
INSERT INTO "patient_key" VALUES('xiaomeng',1);
INSERT INTO "patient_key" VALUES('xiaoming',1);
INSERT INTO "patient_key" VALUES('xm',1);
INSERT INTO "patient_key" VALUES('yuxiaomeng',1);
INSERT INTO "patient_key" VALUES('yuxiaoming',1);
INSERT INTO "patient_key" VALUES('yxm',1);
INSERT INTO "patient_key" VALUES('小明',1);
INSERT INTO "patient_key" VALUES('明',1);
INSERT INTO "patient_key" VALUES('王小明',1);
INSERT INTO "patient_key" VALUES('00002',2);
INSERT INTO "patient_key" VALUES('0002',2);
INSERT INTO "patient_key" VALUES('002',2);
INSERT INTO "patient_key" VALUES('02',2);
INSERT INTO "patient_key" VALUES('2',2);
INSERT INTO "patient_key" VALUES('chanwei',2);
INSERT INTO "patient_key" VALUES('chanxu',2);
INSERT INTO "patient_key" VALUES('chanyu',2);
INSERT INTO "patient_key" VALUES('cw',2);
INSERT INTO "patient_key" VALUES('cx',2);
INSERT INTO "patient_key" VALUES('cy',2);
INSERT INTO "patient_key" VALUES('danwei',2);
INSERT INTO "patient_key" VALUES('danxu',2);
INSERT INTO "patient_key" VALUES('danyu',2);
INSERT INTO "patient_key" VALUES('dw',2);
INSERT INTO "patient_key" VALUES('dx',2);
INSERT INTO "patient_key" VALUES('dy',2);
INSERT INTO "patient_key" VALUES('p00002',2);
INSERT INTO "patient_key" VALUES('shanwei',2);
INSERT INTO "patient_key" VALUES('shanxu',2);
INSERT INTO "patient_key" VALUES('shanyu',2);
INSERT INTO "patient_key" VALUES('sw',2);
INSERT INTO "patient_key" VALUES('sx',2);
INSERT INTO "patient_key" VALUES('sy',2);
INSERT INTO "patient_key" VALUES('w',2);
INSERT INTO "patient_key" VALUES('wei',2);
INSERT INTO "patient_key" VALUES('x',2);
INSERT INTO "patient_key" VALUES('xu',2);
INSERT INTO "patient_key" VALUES('y',2);
INSERT INTO "patient_key" VALUES('yu',2);
INSERT INTO "patient_key" VALUES('于',2);
INSERT INTO "patient_key" VALUES('单于',2);
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
CREATE TABLE review_item (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(32) NOT NULL, 
	term TEXT NOT NULL, 
	term_key TEXT NOT NULL, 
	count INTEGER NOT NULL, 
	file TEXT NOT NULL, 
	"row" INTEGER NOT NULL, 
	"column" TEXT NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	code TEXT NOT NULL, 
	batch_id INTEGER, 
	CONSTRAINT fk_review_item_batch_id_import_batch FOREIGN KEY(batch_id) REFERENCES import_batch (id) ON DELETE SET NULL, 
	CONSTRAINT uq_review_item_kind_term_key UNIQUE (kind, term_key)
);
CREATE TABLE setting (
	name VARCHAR(64) NOT NULL, 
	value JSON NOT NULL, 
	CONSTRAINT pk_setting PRIMARY KEY (name)
);
CREATE TABLE synonym (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	kind VARCHAR(32) NOT NULL, 
	term TEXT NOT NULL, 
	term_key TEXT NOT NULL, 
	code TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	CONSTRAINT uq_synonym_kind_term_key UNIQUE (kind, term_key)
);
CREATE TABLE unlike (
	first_id INTEGER NOT NULL, 
	second_id INTEGER NOT NULL, 
	CONSTRAINT pk_unlike PRIMARY KEY (first_id, second_id), 
	CONSTRAINT fk_unlike_first_id_patient FOREIGN KEY(first_id) REFERENCES patient (id) ON DELETE CASCADE, 
	CONSTRAINT fk_unlike_second_id_patient FOREIGN KEY(second_id) REFERENCES patient (id) ON DELETE CASCADE
);
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
INSERT INTO "visit" VALUES(1,1,1,1,'first',0.0,'exact','2024-01-01','','改','','71b26c39bcf60f19d8392748b2d102162afa6bfb7129d1e1ae3b96d0e73f8ca8',1,3);
INSERT INTO "visit" VALUES(2,1,2,2,'follow_up',7.0,'exact','2024-01-08','','改','','dfe9edb2354ad97e52ebb908c6768983770add10043ba40bd79f9eb88003998b',1,3);
INSERT INTO "visit" VALUES(3,2,1,1,'first',0.0,'exact','2024-01-01','','脉弦数，不渴','','95adf4cdd5b4087da891a05a3b7f00a940dc22f8c22629e3d8c1beba3dd17383',1,2);
INSERT INTO "visit" VALUES(4,2,2,2,'follow_up',7.0,'exact','2024-01-08','','脉弦数，不渴','','0db7692a3fcf20f8758b346c73b9c6fde7fd50c24840841825d6a212e91039a6',1,2);
INSERT INTO "visit" VALUES(5,2,3,3,'follow_up',14.0,'exact','2024-01-15','','脉弦数，不渴','','369b62e6f19851e885a9d581e42e356b52428688d75924082eb2d2f82ea7d675',1,2);
CREATE TABLE vocabulary_pack (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	version TEXT NOT NULL, 
	source TEXT NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	CONSTRAINT uq_vocabulary_pack_name UNIQUE (name)
);
CREATE INDEX ix_audit_at ON audit (at);
CREATE INDEX ix_audit_entity_entity_id ON audit (entity, entity_id);
CREATE INDEX ix_visit_batch_id ON visit (batch_id);
CREATE INDEX ix_visit_patient_id_date ON visit (patient_id, date);
CREATE INDEX ix_visit_patient_id_day_number ON visit (patient_id, day, number);
CREATE INDEX ix_diagnosis_code_visit_id ON diagnosis (code, visit_id);
CREATE INDEX ix_observation_concept_visit_id ON observation (concept, visit_id);
CREATE INDEX ix_prescription_item_herb_prescription_id ON prescription_item (herb, prescription_id);
CREATE INDEX ix_concept_pack_id ON concept (pack_id);
CREATE INDEX ix_operation_batch_id ON operation (batch_id);
CREATE INDEX ix_operation_who_id ON operation (who, id);
CREATE INDEX ix_review_item_batch_id ON review_item (batch_id);
CREATE INDEX ix_review_item_state ON review_item (state);
CREATE INDEX ix_history_entity_entity_id ON history (entity, entity_id);
CREATE INDEX ix_history_operation_id ON history (operation_id);
CREATE INDEX ix_history_patient_id ON history (patient_id);
CREATE INDEX ix_patient_alias_patient_id ON patient_alias (patient_id);
CREATE INDEX ix_patient_key_patient_id ON patient_key (patient_id);
CREATE INDEX ix_unlike_second_id ON unlike (second_id);
CREATE INDEX ix_patient_batch_id ON patient (batch_id);
CREATE INDEX ix_patient_recent_date_recent_day_code_key ON patient (recent_date, recent_day, code_key);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('import_batch',2);
INSERT INTO "sqlite_sequence" VALUES('operation',2);
INSERT INTO "sqlite_sequence" VALUES('patient',2);
INSERT INTO "sqlite_sequence" VALUES('visit',5);
INSERT INTO "sqlite_sequence" VALUES('audit',4);
INSERT INTO "sqlite_sequence" VALUES('history',2);
COMMIT;
