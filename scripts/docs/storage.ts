import { TABLES } from '../../workers/issuer/schemas.ts';
import type { Block } from './block.ts';
import { markdownTable } from './table.ts';

/** Returns one block for each table of the Durable Objects, with its columns. */
export const storageBlocks = (page: string): readonly Block[] =>
  [...TABLES].map(({ name, columns }) => ({
    page,
    block: `table-${name.replaceAll('_', '-')}`,
    render: () =>
      markdownTable(
        ['column', 'why'],
        Object.entries(columns).map(([column, { why }]) => [`\`${column}\``, why]),
      ),
  }));
