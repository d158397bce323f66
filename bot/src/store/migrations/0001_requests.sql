-- What the bot keeps, on SQLite and on PostgreSQL alike. Times are milliseconds, ids of Discord are
-- their 64 bits as a signed number. A column beside `body` or `entry` is a copy, to search by.

-- One row. Every writer locks it first, so that all stand in one order.
CREATE TABLE head (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    -- The last row of the audit and its hash.
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    -- The last number that a request was given.
    requests BIGINT NOT NULL,
    -- Who froze all changes, as JSON; NULL: nobody.
    frozen TEXT
);

INSERT INTO head (id, seq, hash, requests)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000', 0);

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
    -- The version that its card shows.
    shown BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE INDEX requests_by_state ON requests (state, id);
CREATE INDEX requests_by_channel ON requests (channel, id);
CREATE INDEX requests_by_object ON requests (cluster, object, id);

-- Who asked for a request, approved or rejected it.
CREATE TABLE people (
    request BIGINT NOT NULL REFERENCES requests (id) ON DELETE CASCADE,
    person BIGINT NOT NULL,
    PRIMARY KEY (person, request)
);

CREATE INDEX people_by_request ON people (request);

-- Only ever added to. Each hash covers the row and the hash before it.
CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    request BIGINT,
    person BIGINT,
    cluster TEXT NOT NULL,
    object TEXT NOT NULL,
    -- Which write added it: how a writer that lost its connection knows whether it did.
    write TEXT NOT NULL,
    entry TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE INDEX audit_by_person ON audit (person, seq);
CREATE INDEX audit_by_object ON audit (object, seq);
CREATE INDEX audit_by_request ON audit (request, seq);
CREATE INDEX audit_by_time ON audit (at, seq);
