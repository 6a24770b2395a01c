import { type Result, refuse } from '../../src/result.ts';

/** One generated part of one page. */
export interface Block {
  /** Path of the page, from the root of the repository. */
  readonly page: string;
  /** Name in the markers of the page: lower-case words with `-` between them. */
  readonly block: string;
  /** Returns the Markdown between the markers, without blank lines at its ends. */
  readonly render: () => string | Promise<string>;
}

/** What is wrong with the markers of a page. */
export type PageFault =
  /** The page has a marker of a block that nothing renders. */
  | { readonly code: 'renderer_missing'; readonly block: string }
  /** A renderer exists for this block, and the page has no marker of it. */
  | { readonly code: 'marker_missing'; readonly block: string }
  | { readonly code: 'marker_repeated'; readonly block: string }
  /** A start without its end, or an end without its start. */
  | { readonly code: 'marker_unpaired'; readonly block: string };

const startOf = (block: string): string => `<!-- generated: ${block} by npm run docs -->`;
const endOf = (block: string): string => `<!-- end: ${block} -->`;
const MARKER = /^<!-- (?:generated: (.+) by npm run docs|end: (.+)) -->$/;

/**
 * Returns the page with each generated part replaced. `rendered` maps the name of each block of
 * the page to its text. Everything outside the markers stays unchanged, byte for byte.
 */
export function rewritePage(
  page: string,
  rendered: ReadonlyMap<string, string>,
): Result<string, PageFault> {
  const output: string[] = [];
  const seen = new Set<string>();
  let open: string | undefined;
  for (const line of page.split('\n')) {
    const [, start, end] = MARKER.exec(line) ?? [];
    if (start !== undefined) {
      if (open !== undefined) return refuse({ code: 'marker_unpaired', block: open });
      if (seen.has(start)) return refuse({ code: 'marker_repeated', block: start });
      const text = rendered.get(start);
      if (text === undefined) return refuse({ code: 'renderer_missing', block: start });
      seen.add(start);
      open = start;
      output.push(startOf(start), '', text.trim(), '', endOf(start));
    } else if (end !== undefined) {
      if (open !== end) return refuse({ code: 'marker_unpaired', block: end });
      open = undefined;
    } else if (open === undefined) {
      output.push(line);
    }
  }
  if (open !== undefined) return refuse({ code: 'marker_unpaired', block: open });
  for (const block of rendered.keys()) {
    if (!seen.has(block)) return refuse({ code: 'marker_missing', block });
  }
  return { ok: true, value: output.join('\n') };
}
