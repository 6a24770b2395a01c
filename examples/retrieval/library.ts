/** A library in one SQLite database: a full-text index (FTS5) and a vector for each passage. */

import { DatabaseSync } from 'node:sqlite';
import type { SqlFilter } from 'hewn/verifier';

export interface Passage {
  readonly id: string;
  /** Where it belongs, as grants name it. */
  readonly dataset: string;
  readonly owner: string;
  readonly text: string;
}

export interface Library {
  /** Passages with all of these words, best first. */
  find(words: string, filter: SqlFilter): readonly Passage[];
  /** The passages that are most like this text. */
  similar(text: string, filter: SqlFilter): readonly Passage[];
}

const RESULTS_MAX = 5;
const COLUMNS = 'passages.id, passages.dataset, passages.owner, passages.text';

export function openLibrary(passages: readonly Passage[]): Library {
  const database = new DatabaseSync(':memory:');
  database.exec(
    `CREATE VIRTUAL TABLE passages USING fts5 (
       text, id UNINDEXED, dataset UNINDEXED, owner UNINDEXED, vector UNINDEXED
     )`,
  );
  database.function('cosine', { deterministic: true }, (one, other) =>
    cosine(one as Uint8Array, other as Uint8Array),
  );
  const insert = database.prepare(
    'INSERT INTO passages (id, dataset, owner, text, vector) VALUES (?, ?, ?, ?, ?)',
  );
  for (const { id, dataset, owner, text } of passages) {
    insert.run(id, dataset, owner, text, embed(text));
  }
  // The condition of the scope is part of each statement: a row outside is never a candidate.
  const select = (condition: string, order: string, { sql }: SqlFilter) =>
    database.prepare(
      `SELECT ${COLUMNS} FROM passages WHERE ${condition} AND ${sql} ORDER BY ${order} LIMIT ${RESULTS_MAX}`,
    );
  const passagesIn = (rows: readonly unknown[]) => rows as readonly Passage[];
  return {
    find: (words, filter) =>
      passagesIn(
        select('passages MATCH ?', 'rank', filter).all(phrases(words), ...filter.parameters),
      ),
    similar: (text, filter) =>
      passagesIn(
        select('cosine(vector, ?) > 0.1', 'cosine(vector, ?) DESC', filter).all(
          ...[embed(text), ...filter.parameters, embed(text)],
        ),
      ),
  };
}

/** Quotes each word: what the agent sends is no query language. */
const phrases = (words: string): string =>
  words
    .split(/\s+/)
    .map((word) => `"${word.replaceAll('"', '""')}"`)
    .join(' ');

const DIMENSIONS = 256;

/** A small embedding: counts of trigrams. Put your model here. */
function embed(text: string): Uint8Array {
  const vector = new Float32Array(DIMENSIONS);
  const normal = ` ${text.toLowerCase().replaceAll(/[^a-z0-9]+/g, ' ')} `;
  for (let i = 0; i + 3 <= normal.length; i++) {
    let hash = 0;
    for (const byte of Buffer.from(normal.slice(i, i + 3))) hash = (hash * 31 + byte) % 65_521;
    vector[hash % DIMENSIONS] = (vector[hash % DIMENSIONS] ?? 0) + 1;
  }
  return new Uint8Array(vector.buffer);
}

function cosine(one: Uint8Array, other: Uint8Array): number {
  const [a, b] = [one, other].map((bytes) => new Float32Array(Uint8Array.from(bytes).buffer));
  let [product, sizeA, sizeB] = [0, 0, 0];
  for (let i = 0; i < DIMENSIONS; i++) {
    const [x, y] = [a?.[i] ?? 0, b?.[i] ?? 0];
    product += x * y;
    sizeA += x * x;
    sizeB += y * y;
  }
  return sizeA * sizeB === 0 ? 0 : product / Math.sqrt(sizeA * sizeB);
}
