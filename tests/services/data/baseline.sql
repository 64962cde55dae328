BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE ballot_event (
	id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	judge_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	judge_sequence INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	complete BOOLEAN NOT NULL, 
	body VARCHAR NOT NULL, 
	saved_at VARCHAR NOT NULL, 
	previous_hash VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	CONSTRAINT pk_ballot_event PRIMARY KEY (id), 
	CONSTRAINT ck_ballot_event_revision_positive CHECK (revision >= 1), 
	CONSTRAINT fk_ballot_event_judge_id FOREIGN KEY(judge_id) REFERENCES judge (id), 
	CONSTRAINT fk_ballot_event_trial_id FOREIGN KEY(trial_id) REFERENCES trial (id), 
	CONSTRAINT uq_ballot_event_hash UNIQUE (hash), 
	CONSTRAINT uq_ballot_event_judge_id_judge_sequence UNIQUE (judge_id, judge_sequence), 
	CONSTRAINT uq_ballot_event_key UNIQUE ("key"), 
	CONSTRAINT uq_ballot_event_trial_id_revision UNIQUE (trial_id, revision)
);
INSERT INTO "ballot_event" VALUES(1,2,1,1,1,'67492d53-629e-5760-ba19-1ad8a7776de9',1,'{"answer":{"picks":[2,3,4]},"base_revision":0,"complete":true,"key":"67492d53-629e-5760-ba19-1ad8a7776de9","kind":"cast","revision":1,"saved_at":"2026-03-01T12:00:00.000Z","sequence":1,"trial":"Fr-5k9_s1OgvU3klZLE4MceM"}','2026-03-01T12:00:00.000Z','0000000000000000000000000000000000000000000000000000000000000000','d3a1ac48c56e8580785fc12f4c33d9147f65bcceacbdcc6e46b53a5a24c0c983');
INSERT INTO "ballot_event" VALUES(2,3,1,1,2,'843cbe31-baa5-5dc1-b38d-f57e1c9d8454',1,'{"answer":{"picks":[3,4,1]},"base_revision":0,"complete":true,"key":"843cbe31-baa5-5dc1-b38d-f57e1c9d8454","kind":"cast","revision":1,"saved_at":"2026-03-01T12:00:00.000Z","sequence":2,"trial":"cIopzZp6K2FOYW_P_4nc0FJq"}','2026-03-01T12:00:00.000Z','d3a1ac48c56e8580785fc12f4c33d9147f65bcceacbdcc6e46b53a5a24c0c983','abf5703a668618b8e6ac7e20719248bc6b2069aae247c1d2268f989746c8a3bb');
INSERT INTO "ballot_event" VALUES(3,4,1,1,3,'a2c221fb-af1d-5c8b-9583-e4aa111b58ed',1,'{"answer":{"picks":[4,1,2]},"base_revision":0,"complete":true,"key":"a2c221fb-af1d-5c8b-9583-e4aa111b58ed","kind":"cast","revision":1,"saved_at":"2026-03-01T12:00:00.000Z","sequence":3,"trial":"3Q0_iRRtGT0_XepgyTtSvu0Y"}','2026-03-01T12:00:00.000Z','abf5703a668618b8e6ac7e20719248bc6b2069aae247c1d2268f989746c8a3bb','27869dbc5ab47e16f79e043d1edbfcfcc4b98b06659a8215c1c6a67928aaa31d');
INSERT INTO "ballot_event" VALUES(4,3,1,2,4,'29e91403-9d97-5291-8c62-741e3c11e893',0,'{"answer":{"picks":[]},"base_revision":1,"complete":false,"key":"29e91403-9d97-5291-8c62-741e3c11e893","kind":"withdrawn","revision":2,"saved_at":"2026-03-01T12:00:00.000Z","sequence":4,"trial":"cIopzZp6K2FOYW_P_4nc0FJq"}','2026-03-01T12:00:00.000Z','27869dbc5ab47e16f79e043d1edbfcfcc4b98b06659a8215c1c6a67928aaa31d','0363f31f38c6e5846b06c98346ebe446911d477f371d0c2ac71133232daf9a4f');
INSERT INTO "ballot_event" VALUES(5,3,1,3,5,'946b68a4-fba8-588b-a3f4-d6aecdbbcebc',1,'{"answer":{"picks":[1,4,3]},"base_revision":2,"complete":true,"key":"946b68a4-fba8-588b-a3f4-d6aecdbbcebc","kind":"revised","revision":3,"saved_at":"2026-03-01T12:00:00.000Z","sequence":5,"trial":"cIopzZp6K2FOYW_P_4nc0FJq"}','2026-03-01T12:00:00.000Z','0363f31f38c6e5846b06c98346ebe446911d477f371d0c2ac71133232daf9a4f','73b9b3a8d6ba0ef659dea6be876e3f6c4abe07747728574a0aa4d8b6e3b83774');
INSERT INTO "ballot_event" VALUES(6,9,2,1,1,'3fca0c8b-d663-56ab-ac16-a7844a0d9ac6',1,'{"answer":{"picks":[3,4,1]},"base_revision":0,"complete":true,"key":"3fca0c8b-d663-56ab-ac16-a7844a0d9ac6","kind":"cast","revision":1,"saved_at":"2026-03-01T12:00:00.000Z","sequence":1,"trial":"Mrb_nD8efCmXYSvHzk5eEuPh"}','2026-03-01T12:00:00.000Z','0000000000000000000000000000000000000000000000000000000000000000','4d0451594e324701de2bfe5b68a548f6d9c805ecfe5312e15ae247507eed6e11');
INSERT INTO "ballot_event" VALUES(7,10,2,1,2,'3de68563-e1ce-5c0c-afe9-dd6146e3bd42',1,'{"answer":{"picks":[4,1,2]},"base_revision":0,"complete":true,"key":"3de68563-e1ce-5c0c-afe9-dd6146e3bd42","kind":"cast","revision":1,"saved_at":"2026-03-01T12:00:00.000Z","sequence":2,"trial":"cEEbJOMjeQdWa59muX4CVXd6"}','2026-03-01T12:00:00.000Z','4d0451594e324701de2bfe5b68a548f6d9c805ecfe5312e15ae247507eed6e11','f42ee92df687e584f35a678375cb8488a697627f5d2efd0d8cd17a367303a793');
INSERT INTO "ballot_event" VALUES(8,11,2,1,3,'f3159a4f-0d49-5c92-8666-a0e82a9974ff',1,'{"answer":{"picks":[1,2,3]},"base_revision":0,"complete":true,"key":"f3159a4f-0d49-5c92-8666-a0e82a9974ff","kind":"cast","revision":1,"saved_at":"2026-03-01T12:00:00.000Z","sequence":3,"trial":"IEeC5mBqdwBkOTd9R7OJUBkt"}','2026-03-01T12:00:00.000Z','f42ee92df687e584f35a678375cb8488a697627f5d2efd0d8cd17a367303a793','ff74535b293ef1ebc1507e91aa3a72884f1393b185558e77f0aa57eaebc3f5ca');
INSERT INTO "ballot_event" VALUES(9,10,2,2,4,'e8223905-4879-54a2-a71e-9faee6b41a4c',0,'{"answer":{"picks":[]},"base_revision":1,"complete":false,"key":"e8223905-4879-54a2-a71e-9faee6b41a4c","kind":"withdrawn","revision":2,"saved_at":"2026-03-01T12:00:00.000Z","sequence":4,"trial":"cEEbJOMjeQdWa59muX4CVXd6"}','2026-03-01T12:00:00.000Z','ff74535b293ef1ebc1507e91aa3a72884f1393b185558e77f0aa57eaebc3f5ca','815228f16ffbb3f826c0467935d472e88bf15a1492044f89d8addb117bff6637');
INSERT INTO "ballot_event" VALUES(10,10,2,3,5,'9d1b7422-c086-58d5-a280-e15cb198f1a0',1,'{"answer":{"picks":[1,4,3]},"base_revision":2,"complete":true,"key":"9d1b7422-c086-58d5-a280-e15cb198f1a0","kind":"revised","revision":3,"saved_at":"2026-03-01T12:00:00.000Z","sequence":5,"trial":"cEEbJOMjeQdWa59muX4CVXd6"}','2026-03-01T12:00:00.000Z','815228f16ffbb3f826c0467935d472e88bf15a1492044f89d8addb117bff6637','211bda1d05a9b8159a99ae70ecd4fbe03dfb8c20a7d8fb43703f6172e6fbc653');
INSERT INTO "ballot_event" VALUES(11,4,1,2,6,'a-look-of-jude-s',1,'{"answer":{"picks":[2,3,4]},"base_revision":1,"complete":true,"key":"a-look-of-jude-s","kind":"revised","looking_sha256":"8becb4114e8f6cca2f9dd3a2e68efc33ad8695e448d8db2073d3eac9c3ffe996","revision":2,"saved_at":"2026-03-01T12:00:00.000Z","sequence":6,"trial":"3Q0_iRRtGT0_XepgyTtSvu0Y"}','2026-03-01T12:00:00.000Z','73b9b3a8d6ba0ef659dea6be876e3f6c4abe07747728574a0aa4d8b6e3b83774','aedef00001574a62be9fb26485163329cb93184ea2694f41a0f1c9c75afd4314');
CREATE TABLE image (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	position INTEGER, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	CONSTRAINT pk_image PRIMARY KEY (id), 
	CONSTRAINT ck_image_size_positive CHECK (width > 0 AND height > 0), 
	CONSTRAINT uq_image_key UNIQUE ("key"), 
	CONSTRAINT uq_image_position UNIQUE (position)
);
INSERT INTO "image" VALUES(1,'000',NULL,60,40);
INSERT INTO "image" VALUES(2,'001',0,60,40);
INSERT INTO "image" VALUES(3,'002',1,60,40);
INSERT INTO "image" VALUES(4,'003',2,60,40);
CREATE TABLE judge (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	conflicts VARCHAR NOT NULL, 
	invited_at VARCHAR NOT NULL, 
	guidelines_read_at VARCHAR, 
	finished_at VARCHAR, 
	CONSTRAINT pk_judge PRIMARY KEY (id), 
	CONSTRAINT uq_judge_email UNIQUE (email), 
	CONSTRAINT uq_judge_position UNIQUE (position)
);
INSERT INTO "judge" VALUES(1,'Jude','jude@example.org',0,'[]','2026-03-01T12:00:00.000Z',NULL,NULL);
INSERT INTO "judge" VALUES(2,'June','june@example.org',1,'[]','2026-03-01T12:00:00.000Z',NULL,NULL);
CREATE TABLE later_looking (
	id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	visit VARCHAR NOT NULL, 
	seconds FLOAT NOT NULL, 
	noted_at VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	CONSTRAINT pk_later_looking PRIMARY KEY (id), 
	CONSTRAINT ck_later_looking_seconds_not_negative CHECK (seconds >= 0), 
	CONSTRAINT fk_later_looking_trial_id FOREIGN KEY(trial_id) REFERENCES trial (id), 
	CONSTRAINT uq_later_looking_trial_id_visit_seconds UNIQUE (trial_id, visit, seconds)
);
CREATE TABLE link (
	id INTEGER NOT NULL, 
	role VARCHAR NOT NULL, 
	judge_id INTEGER, 
	token_sha256 VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	revoked_at VARCHAR, 
	CONSTRAINT pk_link PRIMARY KEY (id), 
	CONSTRAINT ck_link_judge_has_person CHECK ((role = 'judge') = (judge_id IS NOT NULL)), 
	CONSTRAINT ck_link_role_known CHECK (role IN ('judge', 'organiser')), 
	CONSTRAINT fk_link_judge_id FOREIGN KEY(judge_id) REFERENCES judge (id), 
	CONSTRAINT uq_link_token_sha256 UNIQUE (token_sha256)
);
INSERT INTO "link" VALUES(1,'judge',1,'48d1cb4d3d01db1d14d3f61c3bcd829ca711201cba2fee784a260b937e49ecd5','2026-03-01T12:00:00.000Z',NULL);
INSERT INTO "link" VALUES(2,'judge',2,'eda777b6ca8353112befa1881fd2c2bd2ddb006d2153a9a37f10130f34b299be','2026-03-01T12:00:00.000Z',NULL);
CREATE TABLE login_session (
	id VARCHAR NOT NULL, 
	link_id INTEGER NOT NULL, 
	account VARCHAR, 
	begun_at VARCHAR NOT NULL, 
	used_at VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	CONSTRAINT pk_login_session PRIMARY KEY (id), 
	CONSTRAINT fk_login_session_link_id FOREIGN KEY(link_id) REFERENCES link (id)
);
CREATE TABLE looking (
	event_id INTEGER NOT NULL, 
	body VARCHAR NOT NULL, 
	CONSTRAINT pk_looking PRIMARY KEY (event_id), 
	CONSTRAINT fk_looking_event_id FOREIGN KEY(event_id) REFERENCES ballot_event (id)
);
INSERT INTO "looking" VALUES(11,'{"blinks":0,"map":{"cell":3,"cells":[3000,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"columns":20,"rows":14},"path":[],"reported":[],"seconds":3.0,"slots":{"0":{"dwell":0.6,"seen":0.0},"1":{"dwell":0.6,"seen":0.5},"2":{"dwell":0.6,"seen":0.5},"3":{"dwell":0.6,"seen":0.5},"4":{"dwell":0.6,"seen":0.5}},"version":1,"views":{"grid":3.0},"visit":"aaaaaaaaaaaaaaaa"}');
CREATE TABLE picture (
	id INTEGER NOT NULL, 
	image_id INTEGER NOT NULL, 
	team_id INTEGER, 
	pack VARCHAR NOT NULL, 
	source VARCHAR NOT NULL, 
	sha256_file VARCHAR NOT NULL, 
	sha256_pixels VARCHAR NOT NULL, 
	CONSTRAINT pk_picture PRIMARY KEY (id), 
	CONSTRAINT fk_picture_image_id FOREIGN KEY(image_id) REFERENCES image (id), 
	CONSTRAINT fk_picture_team_id FOREIGN KEY(team_id) REFERENCES team (id), 
	CONSTRAINT uq_picture_image_id_team_id UNIQUE (image_id, team_id)
);
INSERT INTO "picture" VALUES(1,1,NULL,'packs/input/000.pack','input/000.png','53d00c9bf9db49981594879c4a7b454e3c8a21deba46f93d85557da241803c3e','6701df6c9ccd274005edb93cf74bfb52815783c96192fcb0a4883406a5a0b34f');
INSERT INTO "picture" VALUES(2,2,NULL,'packs/input/001.pack','input/001.png','1ad10dd3aaae3051cc3e8f5a2a64ef0178f44750fdbdb2966a3ca5eb1b12bae8','f2093d5d2f3ac5304ebd127bd0fbe47f41c5f20091891e5c0f85784cc74e2aa9');
INSERT INTO "picture" VALUES(3,3,NULL,'packs/input/002.pack','input/002.png','22ec8fbd1a8bc31e61e5776e2d4fd5c8b5ebe974b4fe1eaa851151d136439c6d','f851ceba05084aab115f572c9f167a15966e772371f28ad697865b848a8c20cb');
INSERT INTO "picture" VALUES(4,4,NULL,'packs/input/003.pack','input/003.png','ba86b4607c1792c21328c820dde979282a4a9d26256be457f90e928f23d320f7','a0c7ee40c24e5c1967a392b1d5405651793434eeb62a2409f82325ddb3b0f1be');
INSERT INTO "picture" VALUES(5,1,1,'packs/teams/team01/000.pack','teams/team01/000.png','997715ab57910f642ab1c017af87b491407a54b05d4e1f34da4b887fdc7b8f0b','b8dbd0682d2df6907b471f6fcf138c9c4b9ac16e6f4563a58bacbcb9f4b729c1');
INSERT INTO "picture" VALUES(6,2,1,'packs/teams/team01/001.pack','teams/team01/001.png','27ccdc67112ca15973302d3373ab00eec4aad98494bf527e9b770a66e64489c6','97aacc8fd45d5793a32e0d8ae6c56e8c477413b0169127dc31b0baa38da73a7f');
INSERT INTO "picture" VALUES(7,3,1,'packs/teams/team01/002.pack','teams/team01/002.png','2d0cf1dc243dfd5b21ed9d0acd03e98285f657aca3b17d180c54f95a85b5fc1a','8e36a4c6e7d464ca41d55c4dfc068143019380fc63bce3cb7110335821ab95e0');
INSERT INTO "picture" VALUES(8,4,1,'packs/teams/team01/003.pack','teams/team01/003.png','aa83806b66c4a13ab667cc2861e1182b66f3b4b9a34951e669afaf5217bdf97a','920b16ff9cbe563bde6d47f7a691dcb1059c491fe0a968eaec8963e3945dac01');
INSERT INTO "picture" VALUES(9,1,2,'packs/teams/team02/000.pack','teams/team02/000.png','3e13972da3188a01294bffe745c301a6761f67d5a1038dc325af2b20fe37cf36','433a845625de625611f4daabd3692c4a015593032405ac22fd2c742cd115a836');
INSERT INTO "picture" VALUES(10,2,2,'packs/teams/team02/001.pack','teams/team02/001.png','871a5f4f951431592c3c41cab20be099b3d257a3105504818ab4e7340803ea37','d8b17cace79384dc4f2b844695baaf5f5ea484e57b8c03cb4fcc40e70d386868');
INSERT INTO "picture" VALUES(11,3,2,'packs/teams/team02/002.pack','teams/team02/002.png','d0e65d694a763cbff7c258be1968a058822435818f5cec645d94eb703ae9ef78','1ec44766d3cb9b368391a50e1699c8b954dc8fe3315f33b8e8b745f7d35397af');
INSERT INTO "picture" VALUES(12,4,2,'packs/teams/team02/003.pack','teams/team02/003.png','0be404fd8226d890cf991a6f8b758f69c9c3e9fcd4948d71c0feb91568bf4911','7927d495c5bfe623f07064eca80a5528f055c9cba0b01b82587303b7182bfe93');
INSERT INTO "picture" VALUES(13,1,3,'packs/teams/team03/000.pack','teams/team03/000.png','cc9cedb3cbcde12876a9fa9a373402d36a3b6a4cce74a4c7e8aa5ebdcef51a69','7f242c85a5c2bd80ef3113d56fc6e1a34840c88fb32f610baaef01a6eb8e1bd7');
INSERT INTO "picture" VALUES(14,2,3,'packs/teams/team03/001.pack','teams/team03/001.png','f9cf30e8bcaff537cef4e9d556cd59a30a90e4111064543e4ea548c18b666294','af172df9971e7bd64684044c3b637459191879d38c17d452fab0a9b11e431a83');
INSERT INTO "picture" VALUES(15,3,3,'packs/teams/team03/002.pack','teams/team03/002.png','576cb77301eff59dd578bda18ef1c8638d9335812a47d1a41f3f81b742edae39','24c3ec0cb3dd4aab1dc5e654f45e40b12feab13569475cac00af575b3f479eef');
INSERT INTO "picture" VALUES(16,4,3,'packs/teams/team03/003.pack','teams/team03/003.png','43074668945363ee933ab8ca5be63b670d316c429465b065ded29596e83e23fd','bcc081a15cb4722a89ec95eea87f5abc9a81f4753d6d9fbf0fdae28506f1fa70');
INSERT INTO "picture" VALUES(17,1,4,'packs/teams/team04/000.pack','teams/team04/000.png','a43522ca64ce07a9be796188419218f856ff332ceb0b230c02cb368b9468eeaa','18d612f8117aaabd7fda870ea1f31420680aaed6b00a153ce948bf06c0bf2b55');
INSERT INTO "picture" VALUES(18,2,4,'packs/teams/team04/001.pack','teams/team04/001.png','b5dce5acb575a51f652c5c4c46d5a03eb993dd221658a088a25ef20c98a1ff35','b3a7d8daf334e49d71f24037e3cc9a76c09c7d48b7b67133467c06b468198112');
INSERT INTO "picture" VALUES(19,3,4,'packs/teams/team04/002.pack','teams/team04/002.png','16187b19c453e826e9d33f05c2ba3e532ee613e96c30217d11dd3876ff2d4c4f','03c9e46cb125193c5bbf933bfe8151a690de5c02b531fb187bfe3088f1280f05');
INSERT INTO "picture" VALUES(20,4,4,'packs/teams/team04/003.pack','teams/team04/003.png','c40911f671a312c0c0a681d15e8f8f643d86ff9e4e898270fba855a2d68e3783','063fc6c9b6379dbf4bfbbf50646afe741fc763ec82c43ccfb2cee225093be93b');
INSERT INTO "picture" VALUES(21,3,5,'packs/golden/002.pack','golden/002.png','67414296a0697cd8da11275c9288f46b83579f45a83d6e2190fa28af8b28e266','fcba9f0f94d73b293e9459c71fa3683901652bc37678d1012e531b9e28fb51f2');
CREATE TABLE refused_report (
	judge_id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	count INTEGER NOT NULL, 
	last_at VARCHAR NOT NULL, 
	last_reason VARCHAR NOT NULL, 
	CONSTRAINT pk_refused_report PRIMARY KEY (judge_id, kind), 
	CONSTRAINT ck_refused_report_count_positive CHECK (count >= 1), 
	CONSTRAINT fk_refused_report_judge_id FOREIGN KEY(judge_id) REFERENCES judge (id)
);
CREATE TABLE region (
	image_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	x INTEGER NOT NULL, 
	y INTEGER NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	CONSTRAINT pk_region PRIMARY KEY (image_id, number), 
	CONSTRAINT ck_region_number_positive CHECK (number >= 1), 
	CONSTRAINT ck_region_inside CHECK (x >= 0 AND y >= 0 AND width > 0 AND height > 0), 
	CONSTRAINT fk_region_image_id FOREIGN KEY(image_id) REFERENCES image (id)
);
CREATE TABLE study (
	id INTEGER NOT NULL, 
	title VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	simulated BOOLEAN NOT NULL, 
	protocol VARCHAR NOT NULL, 
	study_file_sha256 VARCHAR NOT NULL, 
	file VARCHAR NOT NULL, 
	created_at VARCHAR NOT NULL, 
	opened_at VARCHAR, 
	closed_at VARCHAR, 
	tests INTEGER NOT NULL, 
	CONSTRAINT pk_study PRIMARY KEY (id), 
	CONSTRAINT ck_study_closed_has_time CHECK ((state = 'closed') = (closed_at IS NOT NULL)), 
	CONSTRAINT ck_study_state_known CHECK (state IN ('draft', 'open', 'paused', 'closed')), 
	CONSTRAINT ck_study_one_row CHECK (id = 1)
);
INSERT INTO "study" VALUES(1,'Spring study','open',0,'{"kind":"top_k","places":3,"points":[3.0,2.0,1.0],"see_all_at_1_1":false}','5efcf75a8741ae9ea6a6370014fe380f5ba0d4074a53136c7f3dbeedc2ab9751','{"break_after_minutes":25,"checks":{"golden":["002"],"repeats":["001","003"]},"contact":null,"criteria":[{"name":"Textures and details","text":"Fine and natural, like those of a good photograph."},{"name":"Noise","text":"Removed, colour noise above all. Some luminance noise may stay where its removal would leave flat areas over-smooth."},{"name":"Artifacts","text":"As few as possible: worm-like patterns, colour blocks, banding, over-sharpening and the like."},{"name":"Fidelity","text":"Loyal to the given input: nothing invented, nothing lost."}],"extra_metrics":[],"limits":{"max_pixels":80000000},"practice":"000","protocol":{"kind":"top_k","places":3,"points":[3.0,2.0,1.0],"see_all_at_1_1":false},"reasons":{"attributes":["Sharpness","Texture","Noise","Color","Artifacts","Realism","Fidelity"],"most":20,"regions":["Global","Face","Hair","Clothing","Background","Text","Other"],"required":0},"rules":"user-study","seed":7,"simulated":false,"teams":[{"affiliations":[],"id":"team01","members":[],"name":"Toms team"},{"affiliations":[],"id":"team02","members":[],"name":"Second light"},{"affiliations":[],"id":"team03","members":[],"name":"Third eye"},{"affiliations":[],"id":"team04","members":[],"name":"Fourth wall"}],"title":"Spring study"}','2026-03-01T12:00:00.000Z','2026-03-01T12:00:00.000Z',NULL,0);
CREATE TABLE study_event (
	id INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	previous_hash VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	CONSTRAINT pk_study_event PRIMARY KEY (id), 
	CONSTRAINT ck_study_event_sequence_positive CHECK (sequence >= 1), 
	CONSTRAINT uq_study_event_hash UNIQUE (hash), 
	CONSTRAINT uq_study_event_sequence UNIQUE (sequence)
);
INSERT INTO "study_event" VALUES(1,1,'committed','{"at":"2026-03-01T12:00:00.000Z","commitment":"e35aa31abc5f51d32caa605422e984a190391ba7d02839795c4a62af6aad1a3b","kind":"committed","sequence":1}','2026-03-01T12:00:00.000Z','0000000000000000000000000000000000000000000000000000000000000000','5a37046d1b5032ed0cb805209526958e1cc640c2324e97a7be3444d77b2784e9');
INSERT INTO "study_event" VALUES(2,2,'invited','{"at":"2026-03-01T12:00:00.000Z","conflicts":[],"judge":"judge01","kind":"invited","number":0,"sequence":2,"test":false}','2026-03-01T12:00:00.000Z','5a37046d1b5032ed0cb805209526958e1cc640c2324e97a7be3444d77b2784e9','40deb9414776d53ac21860a9eccf2e5a0e4a232e7b6d3d68c3e1410d0477ba89');
INSERT INTO "study_event" VALUES(3,3,'invited','{"at":"2026-03-01T12:00:00.000Z","conflicts":[],"judge":"judge02","kind":"invited","number":1,"sequence":3,"test":false}','2026-03-01T12:00:00.000Z','40deb9414776d53ac21860a9eccf2e5a0e4a232e7b6d3d68c3e1410d0477ba89','f526571fa49cf62511f027ea0da909575abb793fbc45a89151e8fba65f0d1ea0');
INSERT INTO "study_event" VALUES(4,4,'opened','{"at":"2026-03-01T12:00:00.000Z","kind":"opened","rules":{"protocol":{"kind":"top_k","places":3,"points":[3.0,2.0,1.0],"see_all_at_1_1":false},"reasons":{"attributes":["Sharpness","Texture","Noise","Color","Artifacts","Realism","Fidelity"],"most":20,"regions":["Global","Face","Hair","Clothing","Background","Text","Other"],"required":0},"rule":{"awards":[1,2,3],"name":"user-study","points":[3.0,2.0,1.0],"rules":{"escore":{"per":"team","score":"points(params_m, lower, 10) + points(flops_g, lower, 10) + points(time_ms, lower, 10)"},"final":{"per":"team","score":"100*minmax(u)"},"s2":{"per":"image","score":"20*psnr/50 + 15*(ssim-0.5)/0.5 + 20*(1-lpips/0.4) + 40*(1-dists/0.3) + 30*(1-niqe/10)"}}},"seed":7,"simulated":false,"study_file_sha256":"18fc5bb0eee264722ef03e1873f989e05d1c9c3aeb540754a44cec5abb30cee1","title":"Spring study"},"sequence":4}','2026-03-01T12:00:00.000Z','f526571fa49cf62511f027ea0da909575abb793fbc45a89151e8fba65f0d1ea0','4e9cdec509ea9955a084ace45b159805e93e0e7ce3f00103ff538c065f148a49');
CREATE TABLE team (
	id INTEGER NOT NULL, 
	"key" VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	control BOOLEAN NOT NULL, 
	CONSTRAINT pk_team PRIMARY KEY (id), 
	CONSTRAINT uq_team_key UNIQUE ("key"), 
	CONSTRAINT uq_team_position UNIQUE (position)
);
INSERT INTO "team" VALUES(1,'team01','Toms team',0,0);
INSERT INTO "team" VALUES(2,'team02','Second light',1,0);
INSERT INTO "team" VALUES(3,'team03','Third eye',2,0);
INSERT INTO "team" VALUES(4,'team04','Fourth wall',3,0);
INSERT INTO "team" VALUES(5,'known-worse','known-worse',4,1);
CREATE TABLE trial (
	id INTEGER NOT NULL, 
	public_id VARCHAR NOT NULL, 
	judge_id INTEGER NOT NULL, 
	image_id INTEGER, 
	kind VARCHAR NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_trial PRIMARY KEY (id), 
	CONSTRAINT ck_trial_kind_known CHECK (kind IN ('main', 'practice', 'repeat', 'golden', 'identical', 'stabilising')), 
	CONSTRAINT ck_trial_position_positive CHECK (position >= 1), 
	CONSTRAINT fk_trial_image_id FOREIGN KEY(image_id) REFERENCES image (id), 
	CONSTRAINT fk_trial_judge_id FOREIGN KEY(judge_id) REFERENCES judge (id), 
	CONSTRAINT uq_trial_judge_id_kind_position UNIQUE (judge_id, kind, position), 
	CONSTRAINT uq_trial_public_id UNIQUE (public_id)
);
INSERT INTO "trial" VALUES(1,'vryEsdVIXwgCZoedfOt8QFkk',1,1,'practice',1);
INSERT INTO "trial" VALUES(2,'Fr-5k9_s1OgvU3klZLE4MceM',1,3,'main',1);
INSERT INTO "trial" VALUES(3,'cIopzZp6K2FOYW_P_4nc0FJq',1,2,'main',2);
INSERT INTO "trial" VALUES(4,'3Q0_iRRtGT0_XepgyTtSvu0Y',1,4,'main',3);
INSERT INTO "trial" VALUES(5,'muSUSG6GvVpbtME6KcidQNb2',1,3,'golden',4);
INSERT INTO "trial" VALUES(6,'j9DaxSQ5jpUfPd1QF83fr8ow',1,2,'repeat',5);
INSERT INTO "trial" VALUES(7,'neM3YRwtPx9RlgxUBMDv0vVS',1,4,'repeat',6);
INSERT INTO "trial" VALUES(8,'0Yg7m5YPOt1EfP4yyb1OiZDf',2,1,'practice',1);
INSERT INTO "trial" VALUES(9,'Mrb_nD8efCmXYSvHzk5eEuPh',2,4,'main',1);
INSERT INTO "trial" VALUES(10,'cEEbJOMjeQdWa59muX4CVXd6',2,2,'main',2);
INSERT INTO "trial" VALUES(11,'IEeC5mBqdwBkOTd9R7OJUBkt',2,3,'main',3);
INSERT INTO "trial" VALUES(12,'_von_yAG1p033Ug8PYFjjgY7',2,3,'golden',4);
INSERT INTO "trial" VALUES(13,'OjZ5vacA7BxjJZ46jRfMmEk4',2,4,'repeat',5);
INSERT INTO "trial" VALUES(14,'PptwLc-NSfxIWXdvQuOy44O4',2,2,'repeat',6);
CREATE TABLE trial_slot (
	trial_id INTEGER NOT NULL, 
	slot INTEGER NOT NULL, 
	picture_id INTEGER NOT NULL, 
	token VARCHAR NOT NULL, 
	CONSTRAINT pk_trial_slot PRIMARY KEY (trial_id, slot), 
	CONSTRAINT ck_trial_slot_slot_not_negative CHECK (slot >= 0), 
	CONSTRAINT fk_trial_slot_picture_id FOREIGN KEY(picture_id) REFERENCES picture (id), 
	CONSTRAINT fk_trial_slot_trial_id FOREIGN KEY(trial_id) REFERENCES trial (id), 
	CONSTRAINT uq_trial_slot_token UNIQUE (token)
);
INSERT INTO "trial_slot" VALUES(1,0,1,'mRN8Mseb35wmcWfbcJNv7zTk');
INSERT INTO "trial_slot" VALUES(1,1,17,'fzpSo6d2zAAwMlHCvKKpdL02');
INSERT INTO "trial_slot" VALUES(1,2,13,'rfNlK6YpYdGZATLL-0ROv3Ic');
INSERT INTO "trial_slot" VALUES(1,3,5,'iUi7hogGTYZEk_kA_1jkBYlH');
INSERT INTO "trial_slot" VALUES(1,4,9,'HTcu4Xa8rlm78lGarPAqlaqH');
INSERT INTO "trial_slot" VALUES(2,0,3,'l_G6daNipdLlkFUeCGGUiDjj');
INSERT INTO "trial_slot" VALUES(2,1,7,'bGAC3LpVbfJen-0dVqu1wVtd');
INSERT INTO "trial_slot" VALUES(2,2,19,'KqTzNC9AYqlmfwyQEZkAUC11');
INSERT INTO "trial_slot" VALUES(2,3,15,'vtIPmCH0hWAlfhsqE3YdUsHR');
INSERT INTO "trial_slot" VALUES(2,4,11,'llrua0yaIqqjmoROSquBiHZK');
INSERT INTO "trial_slot" VALUES(3,0,2,'iULXIcZZAB3U9HrKBfBnwEuh');
INSERT INTO "trial_slot" VALUES(3,1,14,'qj1MWe11QtZ3KIhN3zg7Ni9c');
INSERT INTO "trial_slot" VALUES(3,2,6,'e24p2hA_bUHD-YWyzhQuREOb');
INSERT INTO "trial_slot" VALUES(3,3,10,'y5qPaJ_hPtgwPmY2SJ8lQQ3n');
INSERT INTO "trial_slot" VALUES(3,4,18,'KsG9nztJznrXxqJy-zxiqdWz');
INSERT INTO "trial_slot" VALUES(4,0,4,'EN_2Nm50FQMbFYhVWSwRdzBu');
INSERT INTO "trial_slot" VALUES(4,1,12,'W34IsnLLX5ZcB5shzgJEm_NP');
INSERT INTO "trial_slot" VALUES(4,2,16,'6oivBzGOvBnZepQ8AiaV0E6I');
INSERT INTO "trial_slot" VALUES(4,3,20,'DxFFQ1lGP2QQ5l_s7NSaM0wF');
INSERT INTO "trial_slot" VALUES(4,4,8,'3VVXF9Z7VBOZlsMsepFehZOK');
INSERT INTO "trial_slot" VALUES(5,0,3,'6R-UxKH1krl82I_WE7w2gTF7');
INSERT INTO "trial_slot" VALUES(5,1,7,'di66wexxmEkpwlzKDtbkj2uG');
INSERT INTO "trial_slot" VALUES(5,2,21,'cC_nHPmma0XZ15kp-irmfNWU');
INSERT INTO "trial_slot" VALUES(5,3,15,'Tt1asZPAPeSHnyfTPYm5bTPf');
INSERT INTO "trial_slot" VALUES(5,4,11,'9htAgoh5WbW6T5sgaD9PZath');
INSERT INTO "trial_slot" VALUES(6,0,2,'K-So1xwPVlsE9O_GU-ND-4k7');
INSERT INTO "trial_slot" VALUES(6,1,14,'zeCf_y6v8Oa2Q1g1iqvxWpr3');
INSERT INTO "trial_slot" VALUES(6,2,6,'E86L4_zanCz4BLH3a0M-PKL3');
INSERT INTO "trial_slot" VALUES(6,3,18,'-yVfaJesQaOdMHCMvak-usoX');
INSERT INTO "trial_slot" VALUES(6,4,10,'F2-J3cRkJdTQagkE5Qmh07nN');
INSERT INTO "trial_slot" VALUES(7,0,4,'BZsrb628UjzkNQ8xyuP1dOG_');
INSERT INTO "trial_slot" VALUES(7,1,20,'Mlmyba2tRHS5ICJ8bAIzfCZf');
INSERT INTO "trial_slot" VALUES(7,2,16,'reaBmbY-u1BicZOZkvPb4d3u');
INSERT INTO "trial_slot" VALUES(7,3,8,'Jjrz2jdpuU47bwy-adWP2aQC');
INSERT INTO "trial_slot" VALUES(7,4,12,'_9Do4g0zwgpRtgry3gVQ3Rex');
INSERT INTO "trial_slot" VALUES(8,0,1,'2Ks1ZszDuwS-CLYunUw46q40');
INSERT INTO "trial_slot" VALUES(8,1,13,'TNm5tg_H3gf-fXI09M5NG2fY');
INSERT INTO "trial_slot" VALUES(8,2,9,'vZoTwHY-LSKf-t5NR22UQ68p');
INSERT INTO "trial_slot" VALUES(8,3,17,'o9Q4YYMx6gxWBuEKW-Hfm5oE');
INSERT INTO "trial_slot" VALUES(8,4,5,'4iZzYgFUhMGC1T_OkHzsRpAP');
INSERT INTO "trial_slot" VALUES(9,0,4,'_pzpx46qLUFJkOFbv44GZ2bZ');
INSERT INTO "trial_slot" VALUES(9,1,20,'srUGGeqXURZvJy_wlzPhZAJo');
INSERT INTO "trial_slot" VALUES(9,2,8,'REuJZ-HpJcTE1CxZ9C9s3Izq');
INSERT INTO "trial_slot" VALUES(9,3,12,'dX8tmDkbE_n6qHGBXgfaQNlQ');
INSERT INTO "trial_slot" VALUES(9,4,16,'L8qPdfHQTW3iB-nQlFoRYK33');
INSERT INTO "trial_slot" VALUES(10,0,2,'uw3TxyyTnxUGy7p4YQF__8vM');
INSERT INTO "trial_slot" VALUES(10,1,10,'aCkGtjp6N2z1GW333iynp5iB');
INSERT INTO "trial_slot" VALUES(10,2,18,'ECKfnaDXLYJbTMWMjxsVtLh4');
INSERT INTO "trial_slot" VALUES(10,3,14,'D7vw8LOF6ICQnQ-Wm3Gggcdb');
INSERT INTO "trial_slot" VALUES(10,4,6,'W1YGCeUQpFQH2Qp4iU7CvmPx');
INSERT INTO "trial_slot" VALUES(11,0,3,'NjPfNk9LnNrvOtA5AvzgaG9v');
INSERT INTO "trial_slot" VALUES(11,1,15,'SdQPSko00LrubG9E7utrHimj');
INSERT INTO "trial_slot" VALUES(11,2,11,'BgjLj6MKsMVhBp9_HCNgMQUt');
INSERT INTO "trial_slot" VALUES(11,3,7,'1yaiXKU6kAxNDNPcZzy2gtjA');
INSERT INTO "trial_slot" VALUES(11,4,19,'cXE1Rle6s8uhSeVXCOnd5SPa');
INSERT INTO "trial_slot" VALUES(12,0,3,'zadQDLqXIbHqIwXaYu0HQuTw');
INSERT INTO "trial_slot" VALUES(12,1,15,'GL9G5-6v1y1CsRpc1x5EJpG4');
INSERT INTO "trial_slot" VALUES(12,2,11,'OpoGtXKv9DB3N42z6i3SmnsP');
INSERT INTO "trial_slot" VALUES(12,3,19,'IIPlPiyytONPcTupIvVsnDsB');
INSERT INTO "trial_slot" VALUES(12,4,21,'jd75ugCwYEgZSgWzoN1xkhPZ');
INSERT INTO "trial_slot" VALUES(13,0,4,'KVpuCk7DxdyffPDG2ctAI_a7');
INSERT INTO "trial_slot" VALUES(13,1,20,'w52LOf9XDX9BCTf_czwcsrmt');
INSERT INTO "trial_slot" VALUES(13,2,8,'FdpC0JiGX8yYKlhCpnzWquzc');
INSERT INTO "trial_slot" VALUES(13,3,16,'0aYqMN-48HfgGX8kM-7HqSUU');
INSERT INTO "trial_slot" VALUES(13,4,12,'bVRCNnsTl-pmNZu3lIqsstFM');
INSERT INTO "trial_slot" VALUES(14,0,2,'9kwc-J7FZ4iSQr7--RCBcEOl');
INSERT INTO "trial_slot" VALUES(14,1,14,'aZbkETJrCdQzarzhEMw9ytct');
INSERT INTO "trial_slot" VALUES(14,2,10,'tjDeBWAadrCC11Jz2WKXUOIX');
INSERT INTO "trial_slot" VALUES(14,3,18,'w8cFzxz5yFj_7F3mFN40HbUb');
INSERT INTO "trial_slot" VALUES(14,4,6,'lRQp8cVNc51iC_5Oh4FeJ0dO');
CREATE TABLE viewing_conditions (
	id INTEGER NOT NULL, 
	judge_id INTEGER NOT NULL, 
	noted_at VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	CONSTRAINT pk_viewing_conditions PRIMARY KEY (id), 
	CONSTRAINT fk_viewing_conditions_judge_id FOREIGN KEY(judge_id) REFERENCES judge (id)
);
CREATE UNIQUE INDEX uq_link_live ON link (judge_id) WHERE revoked_at IS NULL;
CREATE UNIQUE INDEX uq_picture_input ON picture (image_id) WHERE team_id IS NULL;
CREATE INDEX ix_viewing_conditions_judge_id ON viewing_conditions (judge_id);
CREATE INDEX ix_login_session_link_id ON login_session (link_id);
CREATE TRIGGER ballot_event_no_update BEFORE UPDATE ON ballot_event BEGIN SELECT RAISE(ABORT, 'ballot_event is append-only'); END;
CREATE TRIGGER ballot_event_no_delete BEFORE DELETE ON ballot_event BEGIN SELECT RAISE(ABORT, 'ballot_event is append-only'); END;
CREATE TRIGGER looking_no_update BEFORE UPDATE ON looking BEGIN SELECT RAISE(ABORT, 'looking is append-only'); END;
CREATE TRIGGER looking_no_delete BEFORE DELETE ON looking BEGIN SELECT RAISE(ABORT, 'looking is append-only'); END;
CREATE TRIGGER viewing_conditions_no_update BEFORE UPDATE ON viewing_conditions BEGIN SELECT RAISE(ABORT, 'viewing_conditions is append-only'); END;
CREATE TRIGGER viewing_conditions_no_delete BEFORE DELETE ON viewing_conditions BEGIN SELECT RAISE(ABORT, 'viewing_conditions is append-only'); END;
CREATE TRIGGER study_event_no_update BEFORE UPDATE ON study_event BEGIN SELECT RAISE(ABORT, 'study_event is append-only'); END;
CREATE TRIGGER study_event_no_delete BEFORE DELETE ON study_event BEGIN SELECT RAISE(ABORT, 'study_event is append-only'); END;
CREATE TRIGGER later_looking_no_update BEFORE UPDATE ON later_looking BEGIN SELECT RAISE(ABORT, 'later_looking is append-only'); END;
CREATE TRIGGER later_looking_no_delete BEFORE DELETE ON later_looking BEGIN SELECT RAISE(ABORT, 'later_looking is append-only'); END;
COMMIT;
