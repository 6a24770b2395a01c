-- tables
CREATE TABLE activation (
          n              INTEGER PRIMARY KEY AUTOINCREMENT,
          id             TEXT NOT NULL UNIQUE, -- of the record
          version        TEXT NOT NULL,
          before         TEXT,                 -- null if nothing was active
          catalogue_hash TEXT NOT NULL,
          at             INTEGER NOT NULL,     -- unix milliseconds
          actor          TEXT NOT NULL,
          source         TEXT NOT NULL,
          reason         TEXT NOT NULL,
          state          TEXT NOT NULL
            CHECK (state IN ('recording', 'active', 'ended', 'abandoned')),
          in_feed        INTEGER NOT NULL CHECK (in_feed IN (0, 1)),
          record         TEXT NOT NULL
        ) STRICT;
CREATE TABLE owed (
          n      INTEGER PRIMARY KEY,  -- the order in which they are written
          id     TEXT NOT NULL UNIQUE, -- of the record
          record TEXT NOT NULL,        -- what will be written to the audit log, as JSON
          tries  INTEGER NOT NULL,     -- how often it could not be
          due    INTEGER NOT NULL      -- unix milliseconds before which it is not tried again
        ) STRICT;
CREATE TABLE schema_version (
      one           INTEGER PRIMARY KEY CHECK (one = 1),
      version       INTEGER NOT NULL,
      readable_from INTEGER NOT NULL
    ) STRICT;
CREATE TABLE version (
          seq            INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of loading
          id             TEXT NOT NULL UNIQUE, -- SHA-256 of the canonical form, lower-case hex
          policy         TEXT NOT NULL,        -- texts by file name, as JSON
          catalogue      TEXT NOT NULL,
          catalogue_hash TEXT NOT NULL,        -- SHA-256 of the catalogue, lower-case hex
          bytes          INTEGER NOT NULL,
          loaded_at      INTEGER NOT NULL,     -- unix milliseconds
          loaded_by      TEXT NOT NULL,
          source         TEXT NOT NULL,
          reason         TEXT NOT NULL,
          active_at      INTEGER               -- unix milliseconds; null if it never was
        ) STRICT;
CREATE UNIQUE INDEX activation_one ON activation (state)
          WHERE state IN ('recording', 'active');
CREATE INDEX version_catalogue ON version (catalogue_hash);
-- object default, alarm 3786912002000
INSERT INTO activation (n, id, version, before, catalogue_hash, at, actor, source, reason, state, in_feed, record) VALUES (1, 'version.d61c95507824074c8d8b2280032f1170.fb26702a-f055-4dff-8baa-09ae66582c4c', 'd61c95507824074c8d8b2280032f1170f7aae489f7432973fc355f415938b975', NULL, '0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a', 3786912000000, 'operator', 'operator', 'of the dump', 'ended', 1, '{"event":"version","id":"version.d61c95507824074c8d8b2280032f1170.fb26702a-f055-4dff-8baa-09ae66582c4c","version":"d61c95507824074c8d8b2280032f1170f7aae489f7432973fc355f415938b975","catalogue":"0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a","at":3786912000000,"change":"activated","by":"operator","actor":"operator","reason":"of the dump"}');
INSERT INTO activation (n, id, version, before, catalogue_hash, at, actor, source, reason, state, in_feed, record) VALUES (2, 'version.e7199edce99e3555cea9191d35e3e67f.64343fe2-611b-4a90-ad93-0724c020da43', 'e7199edce99e3555cea9191d35e3e67fa32304ca61cd4ea66275fd17e9bb9fda', 'd61c95507824074c8d8b2280032f1170f7aae489f7432973fc355f415938b975', '0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a', 3786912000000, 'operator', 'operator', 'of the dump', 'active', 0, '{"event":"version","id":"version.e7199edce99e3555cea9191d35e3e67f.64343fe2-611b-4a90-ad93-0724c020da43","version":"e7199edce99e3555cea9191d35e3e67fa32304ca61cd4ea66275fd17e9bb9fda","catalogue":"0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a","before":"d61c95507824074c8d8b2280032f1170f7aae489f7432973fc355f415938b975","at":3786912000000,"change":"activated","by":"operator","actor":"operator","reason":"of the dump"}');
INSERT INTO activation (n, id, version, before, catalogue_hash, at, actor, source, reason, state, in_feed, record) VALUES (3, 'version.5224da7ca1c0a924f275098edf4a0d79.8747acaf-d42d-4436-a551-98caa2e01484', '5224da7ca1c0a924f275098edf4a0d792c86548bce27b16e6c735f860feb3921', 'e7199edce99e3555cea9191d35e3e67fa32304ca61cd4ea66275fd17e9bb9fda', '0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a', 3786912000000, 'operator', 'operator', 'of the dump', 'abandoned', 0, '{"event":"version","id":"version.5224da7ca1c0a924f275098edf4a0d79.8747acaf-d42d-4436-a551-98caa2e01484","version":"5224da7ca1c0a924f275098edf4a0d792c86548bce27b16e6c735f860feb3921","catalogue":"0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a","before":"e7199edce99e3555cea9191d35e3e67fa32304ca61cd4ea66275fd17e9bb9fda","at":3786912000000,"change":"activated","by":"operator","actor":"operator","reason":"of the dump"}');
INSERT INTO owed (n, id, record, tries, due) VALUES (1, 'version.5224da7ca1c0a924f275098edf4a0d79.8747acaf-d42d-4436-a551-98caa2e01484.abandoned', '{"event":"version","id":"version.5224da7ca1c0a924f275098edf4a0d79.8747acaf-d42d-4436-a551-98caa2e01484.abandoned","version":"5224da7ca1c0a924f275098edf4a0d792c86548bce27b16e6c735f860feb3921","catalogue":"0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a","before":"e7199edce99e3555cea9191d35e3e67fa32304ca61cd4ea66275fd17e9bb9fda","at":3786912000000,"change":"abandoned","by":"operator","actor":"operator","reason":"of the dump"}', 0, 0);
INSERT INTO schema_version (one, version, readable_from) VALUES (1, 1, 1);
INSERT INTO version (seq, id, policy, catalogue, catalogue_hash, bytes, loaded_at, loaded_by, source, reason, active_at) VALUES (1, 'd61c95507824074c8d8b2280032f1170f7aae489f7432973fc355f415938b975', '{"policy/reports.datalog":"// What the report agent may be given.\n//\n// Evaluated at every mint, once for each requested grant. The request provides these facts, which a\n// policy reads and cannot define itself:\n//\n//   workload(issuer, subject)   the software that asks, as its identity issuer names it\n//   user(issuer, subject)       the person on whose behalf; absent where there is none\n//   workload_claim(name, value), user_claim(name, value)\n//                               the claims that IDENTITY_ISSUERS shows, an array element by element\n//   task(text)                  what the workflow says it is for\n//   audience(url)               the resource server that the capability is for\n//   time(date)                  now\n//   tool(name), action(name)    of the requested grant\n//   dataset(path)               of the grant, whole\n//   under(path)                 the dataset and each of its parents: files/reports/q3 is under\n//                               files/reports and under files, never under files/rep\n//   constraint(pointer, value)  each constraint of the grant, as it is written in JSON\n//   sink(pointer)               each argument of the tool that says where something goes\n//   leaves_open(pointer)        each of those that nothing of the policy bounds, once what it\n//                               requires is joined: nothing does, or only the request''s own word\n//   bounded_by(pointer, what)   what bounds each: \"absent\", \"dataset\", \"policy\", \"request\" or\n//                               \"nothing\"\n//   step_up(true)               the agent asks for more than its workflow had\n//\n// Any `deny if` that matches refuses the grant, wherever it stands. Otherwise any `allow if` that\n// matches permits it; where none matches, the answer is no.\n// The decision needs owner(team) and max_lifetime(seconds); of several lifetimes the smallest\n// counts. Where there is no user, a grant needs unattended(true) as well. A require_holder(true)\n// makes it a capability for a key that the agent has proven to hold (DPoP); without one, the agent\n// decides whether it is bound. A grant that leaves a sink open is refused, unless the policy says\n// open_sink(pointer, reason) or approval(true). docs/reference/policy.md has all that it may say.\n\n// Who answers for what this agent does, and how long one capability of it may live.\nowner(\"team:growth\");\nmax_lifetime(300);\n\n// How much one workflow may do, whatever it is talked into.\nmax_calls(1000);\nmax_tool_calls(\"mcp/mail/send_message\", 10);\n\n// The agent acts for a person of the same identity issuer, never on its own account.\nreport_agent($user) <-\n  workload(\"local-idp\", \"report-agent\"),\n  user(\"local-idp\", $user);\n\nreading_tool(\"mcp/files/read_text_file\");\nreading_tool(\"mcp/files/read_multiple_files\");\nreading_tool(\"mcp/files/list_directory\");\nreading_tool(\"mcp/files/list_directory_with_sizes\");\nreading_tool(\"mcp/files/directory_tree\");\nreading_tool(\"mcp/files/search_files\");\nreading_tool(\"mcp/files/get_file_info\");\n\n// It reads reports.\nallow if\n  report_agent($user),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// It writes summaries, and can neither read nor move them.\nallow if\n  report_agent($user),\n  tool(\"mcp/files/write_file\"), action(\"write\"),\n  under(\"files/summaries\");\n\n// It mails what it found to people of the company only, whatever recipients it names.\nallow if\n  report_agent($user),\n  tool(\"mcp/mail/send_message\"), action(\"write\"),\n  dataset(\"mail\");\nrequire_constraint(\"/to\", {\"every\": {\"matches\": \"[a-z0-9.]+@acme\\\\.example\"}}) <-\n  tool(\"mcp/mail/send_message\");\n\n// It drafts for recipients that it names at mint; for others only by stepping up. A draft is not\n// sent until a person has read it.\nallow if\n  report_agent($user),\n  tool(\"mcp/mail/save_draft\"), action(\"write\"),\n  dataset(\"mail\");\nopen_sink(\"/to/*\", \"a person reads a draft and sends it\") <-\n  tool(\"mcp/mail/save_draft\"), bounded_by(\"/to/*\", \"request\");\nopen_sink(\"/to/*\", \"a person reads a draft and sends it\") <-\n  tool(\"mcp/mail/save_draft\"), step_up(true);\n\n// The nightly run authenticates with its own key, and may run without a user: its workflow is the\n// owner''s. It only reads reports.\nunattended(true) <- workload(\"nightly-report\", \"nightly-report\");\nallow if\n  workload(\"nightly-report\", \"nightly-report\"),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// The analyst of the trust domain acme.example, proven by its JWT-SVID, reads reports for a person of\n// our identity issuer whose token lets it act.\nallow if\n  workload(\"acme\", \"spiffe://acme.example/agents/analyst\"),\n  user(\"local-idp\", $user),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// The report agent changes a summary in place where a person has approved exactly that.\napproval(true) <- tool(\"mcp/files/edit_file\");\nallow if\n  report_agent($user),\n  tool(\"mcp/files/edit_file\"), action(\"write\"),\n  under(\"files/summaries\");\n","policy/z.datalog":"// 1"}', '# The tool catalogue: every tool that can be called, and what a call of it touches. An
# unlisted tool or argument is denied.
#
#   name       mcp/<server>/<tool>, as the gateway names it
#   action     read, write, delete or execute: what a grant must allow
#   tier       how fresh revocations must be: 0 public read, 1 internal read, 2 write,
#              3 irreversible
#   arguments  every top-level argument that a call may bring
#   datasets   where the call''s datasets stand: { argument = "/path", under = "files" } reads a path
#              relative to the dataset `files` out of the argument at that RFC 6901 pointer (`*`: of
#              each element of a list); { fixed = "files" } is always that dataset. A path is plain
#              segments (`reports/q3.md`), or `.` for the root itself: absolute paths, `./`, `..`,
#              backslashes, percent signs, tildes and quotes are denied, never repaired.
#   sinks      the arguments that say where something goes: a recipient, a path, a URL, an account,
#              an amount; RFC 6901 pointers, `*` as above. Needed for every tool that does more than
#              read; without any, write `sinks = []`. A sink that a dataset is read out of is bounded
#              by a grant''s dataset below that root; any other by a constraint that the policy
#              requires (docs/reference/constraints.md).
#
# Below: @modelcontextprotocol/server-filesystem 2026.8.31, whole.

# Reads a text file; deprecated by its authors in favour of read_text_file.
[[tool]]
name = "mcp/files/read_file"
action = "read"
tier = 1
arguments = ["path", "head", "tail"]
datasets = [{ argument = "/path", under = "files" }]

# Reads a text file, or its first or last lines.
[[tool]]
name = "mcp/files/read_text_file"
action = "read"
tier = 1
arguments = ["path", "head", "tail"]
datasets = [{ argument = "/path", under = "files" }]

# Reads an image, a sound or any other file as base64.
[[tool]]
name = "mcp/files/read_media_file"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Reads several files; each of them must be granted.
[[tool]]
name = "mcp/files/read_multiple_files"
action = "read"
tier = 1
arguments = ["paths"]
datasets = [{ argument = "/paths/*", under = "files" }]

# Lists a folder.
[[tool]]
name = "mcp/files/list_directory"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Lists a folder with the sizes of its files.
[[tool]]
name = "mcp/files/list_directory_with_sizes"
action = "read"
tier = 1
arguments = ["path", "sortBy"]
datasets = [{ argument = "/path", under = "files" }]

# Lists a folder and all that lies below it.
[[tool]]
name = "mcp/files/directory_tree"
action = "read"
tier = 1
arguments = ["path", "excludePatterns"]
datasets = [{ argument = "/path", under = "files" }]

# Finds names by a pattern, below a folder.
[[tool]]
name = "mcp/files/search_files"
action = "read"
tier = 1
arguments = ["path", "pattern", "excludePatterns"]
datasets = [{ argument = "/path", under = "files" }]

# Tells size, times and permissions of a file or folder.
[[tool]]
name = "mcp/files/get_file_info"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Tells where on the server''s disk the files lie: of all of them, so a grant must cover all.
[[tool]]
name = "mcp/files/list_allowed_directories"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "files" }]

# Writes a file, over the old one without asking: what was there is gone, hence tier 3.
[[tool]]
name = "mcp/files/write_file"
action = "write"
tier = 3
arguments = ["path", "content"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Replaces passages of a text file. A dry run answers with passages of it, and is still a write.
[[tool]]
name = "mcp/files/edit_file"
action = "write"
tier = 3
arguments = ["path", "edits", "dryRun"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Makes a folder and its missing parents.
[[tool]]
name = "mcp/files/create_directory"
action = "write"
tier = 2
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Moves or renames: both ends must be granted, or a grant on one could empty or fill the other.
[[tool]]
name = "mcp/files/move_file"
action = "write"
tier = 3
arguments = ["source", "destination"]
datasets = [
  { argument = "/source", under = "files" },
  { argument = "/destination", under = "files" },
]
sinks = ["/source", "/destination"]

# Below: the outbox of scripts/local/outbox.ts, whole.

# Sends a message, which cannot be recalled, hence tier 3.
[[tool]]
name = "mcp/mail/send_message"
action = "write"
tier = 3
arguments = ["to", "subject", "body"]
datasets = [{ fixed = "mail" }]
sinks = ["/to/*"]

# Keeps a message for a person to send.
[[tool]]
name = "mcp/mail/save_draft"
action = "write"
tier = 2
arguments = ["to", "subject", "body"]
datasets = [{ fixed = "mail" }]
sinks = ["/to/*"]
', '0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a', 10675, 3786912000000, 'operator', 'operator', 'of the dump', 3786912000000);
INSERT INTO version (seq, id, policy, catalogue, catalogue_hash, bytes, loaded_at, loaded_by, source, reason, active_at) VALUES (2, 'e7199edce99e3555cea9191d35e3e67fa32304ca61cd4ea66275fd17e9bb9fda', '{"policy/reports.datalog":"// What the report agent may be given.\n//\n// Evaluated at every mint, once for each requested grant. The request provides these facts, which a\n// policy reads and cannot define itself:\n//\n//   workload(issuer, subject)   the software that asks, as its identity issuer names it\n//   user(issuer, subject)       the person on whose behalf; absent where there is none\n//   workload_claim(name, value), user_claim(name, value)\n//                               the claims that IDENTITY_ISSUERS shows, an array element by element\n//   task(text)                  what the workflow says it is for\n//   audience(url)               the resource server that the capability is for\n//   time(date)                  now\n//   tool(name), action(name)    of the requested grant\n//   dataset(path)               of the grant, whole\n//   under(path)                 the dataset and each of its parents: files/reports/q3 is under\n//                               files/reports and under files, never under files/rep\n//   constraint(pointer, value)  each constraint of the grant, as it is written in JSON\n//   sink(pointer)               each argument of the tool that says where something goes\n//   leaves_open(pointer)        each of those that nothing of the policy bounds, once what it\n//                               requires is joined: nothing does, or only the request''s own word\n//   bounded_by(pointer, what)   what bounds each: \"absent\", \"dataset\", \"policy\", \"request\" or\n//                               \"nothing\"\n//   step_up(true)               the agent asks for more than its workflow had\n//\n// Any `deny if` that matches refuses the grant, wherever it stands. Otherwise any `allow if` that\n// matches permits it; where none matches, the answer is no.\n// The decision needs owner(team) and max_lifetime(seconds); of several lifetimes the smallest\n// counts. Where there is no user, a grant needs unattended(true) as well. A require_holder(true)\n// makes it a capability for a key that the agent has proven to hold (DPoP); without one, the agent\n// decides whether it is bound. A grant that leaves a sink open is refused, unless the policy says\n// open_sink(pointer, reason) or approval(true). docs/reference/policy.md has all that it may say.\n\n// Who answers for what this agent does, and how long one capability of it may live.\nowner(\"team:growth\");\nmax_lifetime(300);\n\n// How much one workflow may do, whatever it is talked into.\nmax_calls(1000);\nmax_tool_calls(\"mcp/mail/send_message\", 10);\n\n// The agent acts for a person of the same identity issuer, never on its own account.\nreport_agent($user) <-\n  workload(\"local-idp\", \"report-agent\"),\n  user(\"local-idp\", $user);\n\nreading_tool(\"mcp/files/read_text_file\");\nreading_tool(\"mcp/files/read_multiple_files\");\nreading_tool(\"mcp/files/list_directory\");\nreading_tool(\"mcp/files/list_directory_with_sizes\");\nreading_tool(\"mcp/files/directory_tree\");\nreading_tool(\"mcp/files/search_files\");\nreading_tool(\"mcp/files/get_file_info\");\n\n// It reads reports.\nallow if\n  report_agent($user),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// It writes summaries, and can neither read nor move them.\nallow if\n  report_agent($user),\n  tool(\"mcp/files/write_file\"), action(\"write\"),\n  under(\"files/summaries\");\n\n// It mails what it found to people of the company only, whatever recipients it names.\nallow if\n  report_agent($user),\n  tool(\"mcp/mail/send_message\"), action(\"write\"),\n  dataset(\"mail\");\nrequire_constraint(\"/to\", {\"every\": {\"matches\": \"[a-z0-9.]+@acme\\\\.example\"}}) <-\n  tool(\"mcp/mail/send_message\");\n\n// It drafts for recipients that it names at mint; for others only by stepping up. A draft is not\n// sent until a person has read it.\nallow if\n  report_agent($user),\n  tool(\"mcp/mail/save_draft\"), action(\"write\"),\n  dataset(\"mail\");\nopen_sink(\"/to/*\", \"a person reads a draft and sends it\") <-\n  tool(\"mcp/mail/save_draft\"), bounded_by(\"/to/*\", \"request\");\nopen_sink(\"/to/*\", \"a person reads a draft and sends it\") <-\n  tool(\"mcp/mail/save_draft\"), step_up(true);\n\n// The nightly run authenticates with its own key, and may run without a user: its workflow is the\n// owner''s. It only reads reports.\nunattended(true) <- workload(\"nightly-report\", \"nightly-report\");\nallow if\n  workload(\"nightly-report\", \"nightly-report\"),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// The analyst of the trust domain acme.example, proven by its JWT-SVID, reads reports for a person of\n// our identity issuer whose token lets it act.\nallow if\n  workload(\"acme\", \"spiffe://acme.example/agents/analyst\"),\n  user(\"local-idp\", $user),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// The report agent changes a summary in place where a person has approved exactly that.\napproval(true) <- tool(\"mcp/files/edit_file\");\nallow if\n  report_agent($user),\n  tool(\"mcp/files/edit_file\"), action(\"write\"),\n  under(\"files/summaries\");\n","policy/z.datalog":"// 2"}', '# The tool catalogue: every tool that can be called, and what a call of it touches. An
# unlisted tool or argument is denied.
#
#   name       mcp/<server>/<tool>, as the gateway names it
#   action     read, write, delete or execute: what a grant must allow
#   tier       how fresh revocations must be: 0 public read, 1 internal read, 2 write,
#              3 irreversible
#   arguments  every top-level argument that a call may bring
#   datasets   where the call''s datasets stand: { argument = "/path", under = "files" } reads a path
#              relative to the dataset `files` out of the argument at that RFC 6901 pointer (`*`: of
#              each element of a list); { fixed = "files" } is always that dataset. A path is plain
#              segments (`reports/q3.md`), or `.` for the root itself: absolute paths, `./`, `..`,
#              backslashes, percent signs, tildes and quotes are denied, never repaired.
#   sinks      the arguments that say where something goes: a recipient, a path, a URL, an account,
#              an amount; RFC 6901 pointers, `*` as above. Needed for every tool that does more than
#              read; without any, write `sinks = []`. A sink that a dataset is read out of is bounded
#              by a grant''s dataset below that root; any other by a constraint that the policy
#              requires (docs/reference/constraints.md).
#
# Below: @modelcontextprotocol/server-filesystem 2026.8.31, whole.

# Reads a text file; deprecated by its authors in favour of read_text_file.
[[tool]]
name = "mcp/files/read_file"
action = "read"
tier = 1
arguments = ["path", "head", "tail"]
datasets = [{ argument = "/path", under = "files" }]

# Reads a text file, or its first or last lines.
[[tool]]
name = "mcp/files/read_text_file"
action = "read"
tier = 1
arguments = ["path", "head", "tail"]
datasets = [{ argument = "/path", under = "files" }]

# Reads an image, a sound or any other file as base64.
[[tool]]
name = "mcp/files/read_media_file"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Reads several files; each of them must be granted.
[[tool]]
name = "mcp/files/read_multiple_files"
action = "read"
tier = 1
arguments = ["paths"]
datasets = [{ argument = "/paths/*", under = "files" }]

# Lists a folder.
[[tool]]
name = "mcp/files/list_directory"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Lists a folder with the sizes of its files.
[[tool]]
name = "mcp/files/list_directory_with_sizes"
action = "read"
tier = 1
arguments = ["path", "sortBy"]
datasets = [{ argument = "/path", under = "files" }]

# Lists a folder and all that lies below it.
[[tool]]
name = "mcp/files/directory_tree"
action = "read"
tier = 1
arguments = ["path", "excludePatterns"]
datasets = [{ argument = "/path", under = "files" }]

# Finds names by a pattern, below a folder.
[[tool]]
name = "mcp/files/search_files"
action = "read"
tier = 1
arguments = ["path", "pattern", "excludePatterns"]
datasets = [{ argument = "/path", under = "files" }]

# Tells size, times and permissions of a file or folder.
[[tool]]
name = "mcp/files/get_file_info"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Tells where on the server''s disk the files lie: of all of them, so a grant must cover all.
[[tool]]
name = "mcp/files/list_allowed_directories"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "files" }]

# Writes a file, over the old one without asking: what was there is gone, hence tier 3.
[[tool]]
name = "mcp/files/write_file"
action = "write"
tier = 3
arguments = ["path", "content"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Replaces passages of a text file. A dry run answers with passages of it, and is still a write.
[[tool]]
name = "mcp/files/edit_file"
action = "write"
tier = 3
arguments = ["path", "edits", "dryRun"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Makes a folder and its missing parents.
[[tool]]
name = "mcp/files/create_directory"
action = "write"
tier = 2
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Moves or renames: both ends must be granted, or a grant on one could empty or fill the other.
[[tool]]
name = "mcp/files/move_file"
action = "write"
tier = 3
arguments = ["source", "destination"]
datasets = [
  { argument = "/source", under = "files" },
  { argument = "/destination", under = "files" },
]
sinks = ["/source", "/destination"]

# Below: the outbox of scripts/local/outbox.ts, whole.

# Sends a message, which cannot be recalled, hence tier 3.
[[tool]]
name = "mcp/mail/send_message"
action = "write"
tier = 3
arguments = ["to", "subject", "body"]
datasets = [{ fixed = "mail" }]
sinks = ["/to/*"]

# Keeps a message for a person to send.
[[tool]]
name = "mcp/mail/save_draft"
action = "write"
tier = 2
arguments = ["to", "subject", "body"]
datasets = [{ fixed = "mail" }]
sinks = ["/to/*"]
', '0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a', 10675, 3786912000000, 'operator', 'operator', 'of the dump', 3786912000000);
INSERT INTO version (seq, id, policy, catalogue, catalogue_hash, bytes, loaded_at, loaded_by, source, reason, active_at) VALUES (3, '5224da7ca1c0a924f275098edf4a0d792c86548bce27b16e6c735f860feb3921', '{"policy/reports.datalog":"// What the report agent may be given.\n//\n// Evaluated at every mint, once for each requested grant. The request provides these facts, which a\n// policy reads and cannot define itself:\n//\n//   workload(issuer, subject)   the software that asks, as its identity issuer names it\n//   user(issuer, subject)       the person on whose behalf; absent where there is none\n//   workload_claim(name, value), user_claim(name, value)\n//                               the claims that IDENTITY_ISSUERS shows, an array element by element\n//   task(text)                  what the workflow says it is for\n//   audience(url)               the resource server that the capability is for\n//   time(date)                  now\n//   tool(name), action(name)    of the requested grant\n//   dataset(path)               of the grant, whole\n//   under(path)                 the dataset and each of its parents: files/reports/q3 is under\n//                               files/reports and under files, never under files/rep\n//   constraint(pointer, value)  each constraint of the grant, as it is written in JSON\n//   sink(pointer)               each argument of the tool that says where something goes\n//   leaves_open(pointer)        each of those that nothing of the policy bounds, once what it\n//                               requires is joined: nothing does, or only the request''s own word\n//   bounded_by(pointer, what)   what bounds each: \"absent\", \"dataset\", \"policy\", \"request\" or\n//                               \"nothing\"\n//   step_up(true)               the agent asks for more than its workflow had\n//\n// Any `deny if` that matches refuses the grant, wherever it stands. Otherwise any `allow if` that\n// matches permits it; where none matches, the answer is no.\n// The decision needs owner(team) and max_lifetime(seconds); of several lifetimes the smallest\n// counts. Where there is no user, a grant needs unattended(true) as well. A require_holder(true)\n// makes it a capability for a key that the agent has proven to hold (DPoP); without one, the agent\n// decides whether it is bound. A grant that leaves a sink open is refused, unless the policy says\n// open_sink(pointer, reason) or approval(true). docs/reference/policy.md has all that it may say.\n\n// Who answers for what this agent does, and how long one capability of it may live.\nowner(\"team:growth\");\nmax_lifetime(300);\n\n// How much one workflow may do, whatever it is talked into.\nmax_calls(1000);\nmax_tool_calls(\"mcp/mail/send_message\", 10);\n\n// The agent acts for a person of the same identity issuer, never on its own account.\nreport_agent($user) <-\n  workload(\"local-idp\", \"report-agent\"),\n  user(\"local-idp\", $user);\n\nreading_tool(\"mcp/files/read_text_file\");\nreading_tool(\"mcp/files/read_multiple_files\");\nreading_tool(\"mcp/files/list_directory\");\nreading_tool(\"mcp/files/list_directory_with_sizes\");\nreading_tool(\"mcp/files/directory_tree\");\nreading_tool(\"mcp/files/search_files\");\nreading_tool(\"mcp/files/get_file_info\");\n\n// It reads reports.\nallow if\n  report_agent($user),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// It writes summaries, and can neither read nor move them.\nallow if\n  report_agent($user),\n  tool(\"mcp/files/write_file\"), action(\"write\"),\n  under(\"files/summaries\");\n\n// It mails what it found to people of the company only, whatever recipients it names.\nallow if\n  report_agent($user),\n  tool(\"mcp/mail/send_message\"), action(\"write\"),\n  dataset(\"mail\");\nrequire_constraint(\"/to\", {\"every\": {\"matches\": \"[a-z0-9.]+@acme\\\\.example\"}}) <-\n  tool(\"mcp/mail/send_message\");\n\n// It drafts for recipients that it names at mint; for others only by stepping up. A draft is not\n// sent until a person has read it.\nallow if\n  report_agent($user),\n  tool(\"mcp/mail/save_draft\"), action(\"write\"),\n  dataset(\"mail\");\nopen_sink(\"/to/*\", \"a person reads a draft and sends it\") <-\n  tool(\"mcp/mail/save_draft\"), bounded_by(\"/to/*\", \"request\");\nopen_sink(\"/to/*\", \"a person reads a draft and sends it\") <-\n  tool(\"mcp/mail/save_draft\"), step_up(true);\n\n// The nightly run authenticates with its own key, and may run without a user: its workflow is the\n// owner''s. It only reads reports.\nunattended(true) <- workload(\"nightly-report\", \"nightly-report\");\nallow if\n  workload(\"nightly-report\", \"nightly-report\"),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// The analyst of the trust domain acme.example, proven by its JWT-SVID, reads reports for a person of\n// our identity issuer whose token lets it act.\nallow if\n  workload(\"acme\", \"spiffe://acme.example/agents/analyst\"),\n  user(\"local-idp\", $user),\n  tool($tool), reading_tool($tool), action(\"read\"),\n  under(\"files/reports\");\n\n// The report agent changes a summary in place where a person has approved exactly that.\napproval(true) <- tool(\"mcp/files/edit_file\");\nallow if\n  report_agent($user),\n  tool(\"mcp/files/edit_file\"), action(\"write\"),\n  under(\"files/summaries\");\n","policy/z.datalog":"// 3"}', '# The tool catalogue: every tool that can be called, and what a call of it touches. An
# unlisted tool or argument is denied.
#
#   name       mcp/<server>/<tool>, as the gateway names it
#   action     read, write, delete or execute: what a grant must allow
#   tier       how fresh revocations must be: 0 public read, 1 internal read, 2 write,
#              3 irreversible
#   arguments  every top-level argument that a call may bring
#   datasets   where the call''s datasets stand: { argument = "/path", under = "files" } reads a path
#              relative to the dataset `files` out of the argument at that RFC 6901 pointer (`*`: of
#              each element of a list); { fixed = "files" } is always that dataset. A path is plain
#              segments (`reports/q3.md`), or `.` for the root itself: absolute paths, `./`, `..`,
#              backslashes, percent signs, tildes and quotes are denied, never repaired.
#   sinks      the arguments that say where something goes: a recipient, a path, a URL, an account,
#              an amount; RFC 6901 pointers, `*` as above. Needed for every tool that does more than
#              read; without any, write `sinks = []`. A sink that a dataset is read out of is bounded
#              by a grant''s dataset below that root; any other by a constraint that the policy
#              requires (docs/reference/constraints.md).
#
# Below: @modelcontextprotocol/server-filesystem 2026.8.31, whole.

# Reads a text file; deprecated by its authors in favour of read_text_file.
[[tool]]
name = "mcp/files/read_file"
action = "read"
tier = 1
arguments = ["path", "head", "tail"]
datasets = [{ argument = "/path", under = "files" }]

# Reads a text file, or its first or last lines.
[[tool]]
name = "mcp/files/read_text_file"
action = "read"
tier = 1
arguments = ["path", "head", "tail"]
datasets = [{ argument = "/path", under = "files" }]

# Reads an image, a sound or any other file as base64.
[[tool]]
name = "mcp/files/read_media_file"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Reads several files; each of them must be granted.
[[tool]]
name = "mcp/files/read_multiple_files"
action = "read"
tier = 1
arguments = ["paths"]
datasets = [{ argument = "/paths/*", under = "files" }]

# Lists a folder.
[[tool]]
name = "mcp/files/list_directory"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Lists a folder with the sizes of its files.
[[tool]]
name = "mcp/files/list_directory_with_sizes"
action = "read"
tier = 1
arguments = ["path", "sortBy"]
datasets = [{ argument = "/path", under = "files" }]

# Lists a folder and all that lies below it.
[[tool]]
name = "mcp/files/directory_tree"
action = "read"
tier = 1
arguments = ["path", "excludePatterns"]
datasets = [{ argument = "/path", under = "files" }]

# Finds names by a pattern, below a folder.
[[tool]]
name = "mcp/files/search_files"
action = "read"
tier = 1
arguments = ["path", "pattern", "excludePatterns"]
datasets = [{ argument = "/path", under = "files" }]

# Tells size, times and permissions of a file or folder.
[[tool]]
name = "mcp/files/get_file_info"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

# Tells where on the server''s disk the files lie: of all of them, so a grant must cover all.
[[tool]]
name = "mcp/files/list_allowed_directories"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "files" }]

# Writes a file, over the old one without asking: what was there is gone, hence tier 3.
[[tool]]
name = "mcp/files/write_file"
action = "write"
tier = 3
arguments = ["path", "content"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Replaces passages of a text file. A dry run answers with passages of it, and is still a write.
[[tool]]
name = "mcp/files/edit_file"
action = "write"
tier = 3
arguments = ["path", "edits", "dryRun"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Makes a folder and its missing parents.
[[tool]]
name = "mcp/files/create_directory"
action = "write"
tier = 2
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]

# Moves or renames: both ends must be granted, or a grant on one could empty or fill the other.
[[tool]]
name = "mcp/files/move_file"
action = "write"
tier = 3
arguments = ["source", "destination"]
datasets = [
  { argument = "/source", under = "files" },
  { argument = "/destination", under = "files" },
]
sinks = ["/source", "/destination"]

# Below: the outbox of scripts/local/outbox.ts, whole.

# Sends a message, which cannot be recalled, hence tier 3.
[[tool]]
name = "mcp/mail/send_message"
action = "write"
tier = 3
arguments = ["to", "subject", "body"]
datasets = [{ fixed = "mail" }]
sinks = ["/to/*"]

# Keeps a message for a person to send.
[[tool]]
name = "mcp/mail/save_draft"
action = "write"
tier = 2
arguments = ["to", "subject", "body"]
datasets = [{ fixed = "mail" }]
sinks = ["/to/*"]
', '0c0b2bac15c6f5273d1394cceb5fdf23921a17e32235ce82c0140cb65e7d060a', 10675, 3786912000000, 'operator', 'operator', 'of the dump', NULL);
-- triggers
CREATE TRIGGER activation_is_final BEFORE UPDATE OF id, version, before, catalogue_hash, record ON activation
      BEGIN SELECT RAISE(ABORT, 'an activation is never changed'); END;
CREATE TRIGGER activation_moves_forward BEFORE UPDATE OF state ON activation
      WHEN OLD.state <> NEW.state AND NOT (
        (OLD.state = 'recording' AND NEW.state IN ('active', 'abandoned'))
        OR (OLD.state = 'active' AND NEW.state = 'ended'))
      BEGIN SELECT RAISE(ABORT, 'an activation does not go back'); END;
CREATE TRIGGER version_in_use_stays BEFORE DELETE ON version
      WHEN EXISTS (SELECT 1 FROM activation
        WHERE version = OLD.id AND state IN ('recording', 'active'))
      BEGIN SELECT RAISE(ABORT, 'a version in use is never dropped'); END;
CREATE TRIGGER version_is_final BEFORE UPDATE OF id, policy, catalogue, catalogue_hash ON version
      BEGIN SELECT RAISE(ABORT, 'a version is never changed'); END;
