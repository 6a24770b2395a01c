import type { VNode } from 'preact';
import { html } from '../ui/index.ts';
import { filterHref, type NowFilter } from './filter.ts';

/**
 * The search of the list. What is looked for stands in the address after the `#`. The field has a
 * default and no value, because a value would replace what is typed whenever the page updates.
 */
export const SearchField = ({ filter }: { readonly filter: NowFilter }): VNode =>
  html`<form
    class="search"
    role="search"
    onSubmit=${(event: Event) => {
      event.preventDefault();
      const form = new FormData(event.currentTarget as HTMLFormElement);
      location.hash = filterHref(filter, { q: String(form.get('q') ?? '').trim() || undefined });
    }}
  >
    <input
      name="q"
      type="search"
      aria-label="Search by agent, subject, owner, tool, dataset, task or id"
      placeholder="Agent, subject, tool, dataset or id"
      defaultValue=${filter.q ?? ''}
    />
    <button class="btn">Find</button>
  </form>`;
