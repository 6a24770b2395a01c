/** The pages of the console, in the order of its menu: what runs, what waits, questions, proof. */
import type { Page } from './frame/index.ts';
import { WordsPage } from './words/page.ts';

export const PAGES: readonly Page[] = [{ key: 'words', name: 'Words', view: WordsPage }];
