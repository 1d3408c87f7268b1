"""The SQLite journal's tables.

One row a reading in ``recent``, by epoch and number, which is nearly the order of arrival: pages
are filled once (baselines.md measured 80 times more writing for rows ordered by series). Whole
hours move to ``chunks`` in one transaction.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS streams (
  id INTEGER PRIMARY KEY, collector TEXT NOT NULL, epoch TEXT NOT NULL,
  through INTEGER NOT NULL, h BLOB NOT NULL, UNIQUE (collector, epoch));
CREATE TABLE IF NOT EXISTS accounted (
  stream INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (stream, first)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS devices (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS births (
  id INTEGER PRIMARY KEY, hash TEXT NOT NULL, device TEXT NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS births_by_hash ON births (hash);
CREATE INDEX IF NOT EXISTS births_by_device ON births (device, id);
CREATE TABLE IF NOT EXISTS recent (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, device INTEGER NOT NULL, at INTEGER NOT NULL,
  form BLOB NOT NULL, h BLOB NOT NULL, PRIMARY KEY (stream, seq)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS recent_by_device ON recent (device, at);
CREATE TABLE IF NOT EXISTS chunks (
  device INTEGER NOT NULL, hour INTEGER NOT NULL, readings INTEGER NOT NULL, body BLOB NOT NULL,
  PRIMARY KEY (device, hour)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, device TEXT NOT NULL,
  form BLOB NOT NULL, h BLOB NOT NULL, PRIMARY KEY (stream, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS breaks (
  stream INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (stream, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quarantine (
  id INTEGER PRIMARY KEY, received TEXT NOT NULL, topic TEXT NOT NULL, why TEXT NOT NULL,
  payload BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS changes (
  device INTEGER NOT NULL, slot INTEGER NOT NULL, touched INTEGER NOT NULL,
  PRIMARY KEY (device, slot)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS changes_by_touch ON changes (touched);
"""
