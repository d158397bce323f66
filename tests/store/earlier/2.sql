-- A store as schema 2 was first written: as schema 1, with a document, a proposal, a question and a vote.

CREATE TABLE head (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    requests BIGINT NOT NULL,
    frozen TEXT
);

CREATE TABLE requests (
    id BIGINT PRIMARY KEY,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    cluster TEXT NOT NULL,
    object TEXT NOT NULL,
    requester BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    expires_at BIGINT NOT NULL,
    shown BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE INDEX requests_by_state ON requests (state, id);
CREATE INDEX requests_by_channel ON requests (channel, id);
CREATE INDEX requests_by_object ON requests (cluster, object, id);

CREATE TABLE people (
    request BIGINT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    person BIGINT NOT NULL,
    PRIMARY KEY (person, request)
);

CREATE INDEX people_by_request ON people (request);

CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    request BIGINT,
    person BIGINT,
    cluster TEXT NOT NULL,
    object TEXT NOT NULL,
    write TEXT NOT NULL,
    entry TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX audit_by_person ON audit (person, seq);
CREATE INDEX audit_by_object ON audit (object, seq);
CREATE INDEX audit_by_request ON audit (request, seq);
CREATE INDEX audit_by_time ON audit (at, seq);

CREATE TABLE documents (
    number BIGINT PRIMARY KEY,
    document BIGINT NOT NULL,
    version BIGINT NOT NULL,
    base BIGINT NOT NULL,
    state TEXT NOT NULL,
    retires BIGINT NOT NULL,
    translates BIGINT NOT NULL,
    lang TEXT NOT NULL,
    question TEXT NOT NULL,
    short TEXT NOT NULL,
    details TEXT NOT NULL,
    author BIGINT NOT NULL,
    author_name TEXT NOT NULL,
    reviewer BIGINT,
    reviewer_name TEXT,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    decided_at BIGINT
);

CREATE INDEX documents_by_document ON documents (document, version);
CREATE INDEX documents_by_state ON documents (state, number);

CREATE TABLE asked (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    lang TEXT NOT NULL,
    private BIGINT NOT NULL,
    question TEXT NOT NULL,
    answered BIGINT NOT NULL,
    answer TEXT NOT NULL,
    title TEXT NOT NULL
);

CREATE INDEX asked_by_time ON asked (at);

CREATE TABLE votes (
    asked BIGINT NOT NULL,
    person BIGINT NOT NULL,
    answer TEXT NOT NULL,
    helpful BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (asked, person)
);

CREATE TABLE posted (
    what TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE INDEX votes_by_answer ON votes (answer);

CREATE TABLE schema_version (version BIGINT NOT NULL);

INSERT INTO schema_version VALUES(2);
INSERT INTO head VALUES(1,4,'6540acf1eff997676e7eaba949ed6b2e8b4572b6da993234f6f9db9bc98c070b',2,'{"by":{"id":3,"name":"wei","user":"wei@example.com","groups":["sre"]},"at":2,"reason":"it''s audit"}');
INSERT INTO requests VALUES(1,1,'pending','prod','node/node-1',1,8,0,NULL,600000,0,'{"id":1,"version":1,"state":"pending","plan":{"cluster":"prod","action":{"action":"cordon","node":"node-1"},"basis":{"uid":"","unschedulable":false,"cordoned":[],"not_ready":[]},"seen":{"at":0,"ready":false,"pods":null,"daemon_pods":null,"nodes":0,"schedulable_after":0,"cpu_after":0,"memory_after":0}},"digest":"cb3a1c145bff16249bcfa49252f1b12dec32a2f459f84b18ff09e954fec32509","requester":{"id":1,"name":"olga","user":"olga@example.com","groups":["sre"]},"reason":"disk is failing 磁盘故障","needed":1,"self_approval":false,"approvals":[],"rejection":null,"created_at":0,"expires_at":600000,"decided_at":null,"card":{"guild":7,"channel":8,"message":0,"chinese":false},"undoes":null,"undone_by":null,"moved":null,"call":null,"outcome":null}');
INSERT INTO requests VALUES(2,2,'executing','prod','node/node-1',1,8,0,1,600000,0,'{"id":2,"version":2,"state":"executing","plan":{"cluster":"prod","action":{"action":"cordon","node":"node-1"},"basis":{"uid":"","unschedulable":false,"cordoned":[],"not_ready":[]},"seen":{"at":0,"ready":false,"pods":null,"daemon_pods":null,"nodes":0,"schedulable_after":0,"cpu_after":0,"memory_after":0}},"digest":"cb3a1c145bff16249bcfa49252f1b12dec32a2f459f84b18ff09e954fec32509","requester":{"id":1,"name":"olga","user":"olga@example.com","groups":["sre"]},"reason":"disk is failing 磁盘故障","needed":1,"self_approval":false,"approvals":[{"by":{"id":2,"name":"ming","user":"ming@example.com","groups":["sre"]},"at":1,"reason":""}],"rejection":null,"created_at":0,"expires_at":600000,"decided_at":1,"card":{"guild":7,"channel":8,"message":0,"chinese":false},"undoes":null,"undone_by":null,"moved":null,"call":null,"outcome":null}');
INSERT INTO people VALUES(1,1);
INSERT INTO people VALUES(2,1);
INSERT INTO people VALUES(2,2);
INSERT INTO audit VALUES(1,0,1,1,'prod','node/node-1','175c422644da3359-0','{"at":0,"request":1,"step":"requested","by":{"id":1,"name":"olga","user":"olga@example.com","groups":["sre"]},"cluster":"prod","action":"cordon","object":"node/node-1","digest":"cb3a1c145bff16249bcfa49252f1b12dec32a2f459f84b18ff09e954fec32509","before":null,"after":"pending","detail":"disk is failing 磁盘故障","write":"175c422644da3359-0"}','0000000000000000000000000000000000000000000000000000000000000000','fb12285846b29a84d8a0f2a781640d402cdb1bcd500c49b92f380341cafe4164');
INSERT INTO audit VALUES(2,0,2,1,'prod','node/node-1','175c422644da3359-1','{"at":0,"request":2,"step":"requested","by":{"id":1,"name":"olga","user":"olga@example.com","groups":["sre"]},"cluster":"prod","action":"cordon","object":"node/node-1","digest":"cb3a1c145bff16249bcfa49252f1b12dec32a2f459f84b18ff09e954fec32509","before":null,"after":"pending","detail":"disk is failing 磁盘故障","write":"175c422644da3359-1"}','fb12285846b29a84d8a0f2a781640d402cdb1bcd500c49b92f380341cafe4164','eef240dda6cee5fd03632ff90de0b2de67265079e1e10f79f90108d3534f347e');
INSERT INTO audit VALUES(3,1,2,2,'prod','node/node-1','175c422644da3359-2','{"at":1,"request":2,"step":"approved","by":{"id":2,"name":"ming","user":"ming@example.com","groups":["sre"]},"cluster":"prod","action":"cordon","object":"node/node-1","digest":"cb3a1c145bff16249bcfa49252f1b12dec32a2f459f84b18ff09e954fec32509","before":"pending","after":"executing","detail":"1 of 1","write":"175c422644da3359-2"}','eef240dda6cee5fd03632ff90de0b2de67265079e1e10f79f90108d3534f347e','5a95a3045e5d5a800a0b18c951eb2475144865f2578877e94fba9332adc91e5d');
INSERT INTO audit VALUES(4,2,NULL,3,'','','175c422644da3359-3','{"at":2,"request":null,"step":"frozen","by":{"id":3,"name":"wei","user":"wei@example.com","groups":["sre"]},"cluster":"","action":"","object":"","digest":"","before":null,"after":null,"detail":"it''s audit","write":"175c422644da3359-3"}','5a95a3045e5d5a800a0b18c951eb2475144865f2578877e94fba9332adc91e5d','6540acf1eff997676e7eaba949ed6b2e8b4572b6da993234f6f9db9bc98c070b');
INSERT INTO documents VALUES(1,1,1,0,'approved',0,0,'en','How do I drain a node?','Cordon it first.','## 1. Look',1,'olga',2,'ming','',1,2);
INSERT INTO documents VALUES(2,1,0,1,'proposed',0,0,'en','How do I drain a node?','Cordon it, then drain.','## 1. Look',1,'olga',NULL,NULL,'',3,NULL);
INSERT INTO asked VALUES(7,1,'zh',0,'节点老是重启',1,'0123456789abcdef','节点反复重启');
INSERT INTO votes VALUES(7,1,'0123456789abcdef',0,'no word of the BIOS',2);
