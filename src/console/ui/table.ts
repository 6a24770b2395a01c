import type { VNode } from 'preact';
import { type Content, html } from './html.ts';

export interface Cell {
  readonly content: Content;
  /** Numbers stand to the right. */
  readonly right?: boolean;
  /** Takes a line of its own on a phone. */
  readonly wide?: boolean;
  /** Stands before the value on a phone, where the column has no head. */
  readonly name?: string;
  /** Left out on a phone. */
  readonly deskOnly?: boolean;
  readonly mono?: boolean;
}

export interface Row {
  readonly key: string;
  readonly cells: readonly (Cell | Content)[];
  /** Marks a row that was not there before. */
  readonly fresh?: boolean;
}

export type Head = Content | { readonly text: Content; readonly right: true };

interface TableProps {
  readonly label: string;
  readonly heads: readonly Head[];
  readonly rows: readonly Row[];
}

const isCell = (cell: Cell | Content): cell is Cell =>
  typeof cell === 'object' && cell !== null && 'content' in cell;

const isRight = (head: Head): head is { readonly text: Content; readonly right: true } =>
  typeof head === 'object' && head !== null && 'right' in head;

/** Rows on a desk, and cards on a phone. The roles are written out, because cards lose them. */
export const Table = ({ label, heads, rows }: TableProps): VNode =>
  html`<div class="scroll">
    <table class="cards" role="table" aria-label=${label}>
      <thead role="rowgroup">
        <tr role="row">
          ${heads.map((head) =>
            isRight(head)
              ? html`<th scope="col" role="columnheader" class="r">${head.text}</th>`
              : html`<th scope="col" role="columnheader">${head}</th>`,
          )}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${rows.map(
          ({
            key,
            cells,
            fresh,
          }) => html`<tr key=${key} role="row" class=${fresh ? 'fresh' : undefined}>
            ${cells.map((cell) => (isCell(cell) ? cellOf(cell) : cellOf({ content: cell })))}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

const cellOf = ({ content, right, wide, name, deskOnly, mono }: Cell): VNode => {
  const classes = [right && 'r num', wide && 'wide', deskOnly && 'off', mono && 'mono'];
  const given = classes.filter((one) => typeof one === 'string').join(' ');
  return html`<td role="cell" class=${given || undefined} data-k=${name}>${content}</td>`;
};
