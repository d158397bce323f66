-- Documents that were written in chat, and what people thought of answers.

-- A row is a proposal, and once it is approved a version of its document. Nothing in it but the decision is
-- ever changed, and none is deleted: together they are the history.
CREATE TABLE documents (
    number BIGINT PRIMARY KEY,
    -- The number of the first proposal for the same document.
    document BIGINT NOT NULL,
    -- From 1 up once it is approved; 0 before, and where it is rejected.
    version BIGINT NOT NULL,
    -- The version that its author saw; 0: a new document.
    base BIGINT NOT NULL,
    -- proposed, approved, rejected, or retired: an approved proposal to take the document away.
    state TEXT NOT NULL,
    -- 1: it proposes to take the document away.
    retires BIGINT NOT NULL,
    -- The document that it is a translation of; 0: none.
    translates BIGINT NOT NULL,
    lang TEXT NOT NULL,
    question TEXT NOT NULL,
    short TEXT NOT NULL,
    details TEXT NOT NULL,
    author BIGINT NOT NULL,
    author_name TEXT NOT NULL,
    reviewer BIGINT,
    reviewer_name TEXT,
    -- Why it was proposed to be taken away, or was rejected.
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    decided_at BIGINT
);

CREATE INDEX documents_by_document ON documents (document, version);
CREATE INDEX documents_by_state ON documents (state, number);

-- Questions that were asked and what became of them, for as long as votes may come and gaps are listed.
CREATE TABLE asked (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    lang TEXT NOT NULL,
    -- 1: asked privately, so its words are not kept.
    private BIGINT NOT NULL,
    -- Without secrets.
    question TEXT NOT NULL,
    -- 1: answered; 0: not known.
    answered BIGINT NOT NULL,
    -- Id and title of the question of the documents that answered, or the nearest.
    answer TEXT NOT NULL,
    title TEXT NOT NULL
);

CREATE INDEX asked_by_time ON asked (at);

-- One vote a person and answer.
CREATE TABLE votes (
    asked BIGINT NOT NULL,
    person BIGINT NOT NULL,
    -- The question of the documents that was shown.
    answer TEXT NOT NULL,
    helpful BIGINT NOT NULL,
    -- Without secrets.
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (asked, person)
);

-- What was posted last of what is posted at intervals.
CREATE TABLE posted (
    what TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);

CREATE INDEX votes_by_answer ON votes (answer);
