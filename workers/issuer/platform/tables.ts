import { integer, nullable, table, text } from './table.ts';

/** In every object, to record the version of its schema. */
export const schemaVersionTable = table('schema_version', {
  one: integer('Always 1.'),
  version: integer('How many steps of its schema this storage has taken.'),
  readable_from: integer(
    'The lowest version whose code may still use this storage. Older code refuses to.',
  ),
  state: nullable(
    text('In objects whose tables are created on demand: what they read together, as JSON.'),
  ),
});

export const usedTable = table('used', {
  kind: text('What kind of id it is.'),
  id: text('The id with its owner. Unique together with `kind`, which is what prevents reuse.'),
  expires: integer(
    'Unix seconds after which the id would be refused for its age. An alarm then deletes the row.',
  ),
});
