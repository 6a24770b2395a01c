import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { type Screen, showTimestamp } from '../terminal/index.ts';

type Span = RouteAnswer<(typeof ADMIN_API)['questions']['whoCan']>['over'];

/** Renders which requests an answer was drawn from, for standard error. */
export function describeSpan(screen: Screen, { requests, since, complete }: Span): string {
  const from = since === undefined ? '' : ` since ${showTimestamp(screen, since)}`;
  const older = complete ? '' : ', and there are older ones that were not read';
  const noun = requests === 1 ? 'request' : 'requests';
  return `drawn from ${requests} recorded ${noun}${from}${older}`;
}
