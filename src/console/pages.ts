/** The pages of the console, in the order of its menu: what runs, what waits, questions, proof. */
import { ApprovalsPage } from './approvals/page.ts';
import { DeniedPage } from './denied/page.ts';
import type { Page } from './frame/index.ts';
import { HealthPage } from './health/page.ts';
import { NowPage } from './now/page.ts';
import { OperatorsPage } from './operators/page.ts';
import { PolicyPage } from './policy/page.ts';
import { TrailPage } from './trail/page.ts';
import { WatermarksPage } from './watermarks/page.ts';
import { WhoPage } from './who/page.ts';
import { WordsPage } from './words/page.ts';
import { WorkflowPage } from './workflow/page.ts';

export const PAGES: readonly Page[] = [
  { key: 'now', name: 'Now', icon: 'M3 12h4l3-7 4 14 3-7h4', view: NowPage },
  { key: 'denied', name: 'Denied', under: 'now', view: DeniedPage },
  { key: 'watermarks', name: 'Watermarks', under: 'now', view: WatermarksPage },
  { key: 'w', name: 'Workflow', under: 'now', view: WorkflowPage },
  {
    key: 'approvals',
    name: 'Approvals',
    icon: 'M4 6h16v12H4zM4 13h5l1.5 2.5h3L15 13h5',
    view: ApprovalsPage,
  },
  {
    key: 'who',
    name: 'Who can',
    nameRest: 'do what',
    icon: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5M16 5l2 2 4-4',
    view: WhoPage,
  },
  {
    key: 'policy',
    name: 'Policy',
    icon: 'M6 3h9l4 4v14H6zM9.5 11h6M9.5 15h6M9.5 7h2',
    view: PolicyPage,
  },
  {
    key: 'health',
    name: 'Health',
    icon: 'M12 3l7 3v6c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6zM9 12l2 2 4-4',
    view: HealthPage,
  },
  { key: 'trail', name: 'Trail', icon: 'M5 4v16M5 6h9M5 12h13M5 18h6', view: TrailPage },
  { key: 'operators', name: 'Operators', view: OperatorsPage },
  { key: 'words', name: 'Words', view: WordsPage },
];
