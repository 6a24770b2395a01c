import * as v from 'valibot';
import { isPathText } from '../../text-reading.ts';
import { pathIsBelow, textOfForm } from '../condition.ts';
import { none, type SimpleKind } from './kind.ts';
import { text } from './scalar-schemas.ts';

export const pathBelow: SimpleKind<string> = {
  schema: v.pipe(
    text(),
    v.check((path) => path === '/' || isPathText(path), 'not a path of plain segments'),
  ),
  condition: (root, block) => textOfForm('path', pathIsBelow('$v', root, block)),
  boundsSink: (root) => root !== '/',
  listedValues: none,
  numberRange: none,
};
