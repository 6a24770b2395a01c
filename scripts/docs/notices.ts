import { NOTICES, type NoticeType } from '../../src/notices/index.ts';
import { markdownTable } from './table.ts';

/** Renders what is sent: each type, when, and for how long the same is not sent again. */
export const renderNotices = (): string =>
  markdownTable(
    ['type', 'when', 'quiet time'],
    (Object.keys(NOTICES) as NoticeType[]).map((type) => {
      const { when, quietSeconds } = NOTICES[type];
      return [`\`${type}\``, when, showSpan(quietSeconds)];
    }),
  );

function showSpan(seconds: number): string {
  if (seconds === 0) return 'none';
  return seconds < 3_600 ? `${seconds / 60} minutes` : `${seconds / 3_600} h`;
}
