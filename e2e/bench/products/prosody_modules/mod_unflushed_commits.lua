-- Commits of SQLite are left to the operating system (synchronous=NORMAL): what is accepted survives the end of the
-- process, and not that of the machine. Prosody 0.12 has no option for it; later ones do it as sqlite_tune = "normal".

local archive = module:open_store("archive", "archive"); -- connects
assert(archive.find, "the archive is not in SQL");

for _, engine in pairs(module:shared("/*/sql/connections")) do
	assert(engine:connect());
	engine.conn:autocommit(true); -- the pragma does nothing within a transaction
	assert(engine:execute("PRAGMA synchronous = NORMAL"));
	engine.conn:autocommit(false);
	for row in engine:select("PRAGMA synchronous") do
		assert(tonumber(row[1]) == 1, "SQLite still flushes each commit");
	end
	engine.conn:commit();
end
