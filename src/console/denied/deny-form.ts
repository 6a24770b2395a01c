import type { VNode } from 'preact';
import { toSeconds } from '../../clock.ts';
import { callIssuer, issuerNow, useFrame } from '../frame/index.ts';
import { orderBody, ScopeForm, type ScopeOrder } from '../scope-form.ts';
import { html } from '../ui/index.ts';
import { DENIAL_SPANS, isScope, SCOPES, type Scope } from './denial-rows.ts';

interface DenyFormProps {
  readonly onDenied: () => void;
}

const TIMES = { legend: 'It holds', words: DENIAL_SPANS.map(({ words }) => words) };

function sendDenial(order: ScopeOrder<Scope>) {
  const seconds = DENIAL_SPANS[order.choice]?.seconds;
  return callIssuer('POST', '/denials', {
    query: { wait: '0' },
    body: {
      ...orderBody(order),
      ...(seconds !== undefined && { until: toSeconds(issuerNow()) + seconds }),
    },
  });
}

/** Denies something at once. */
export function DenyForm({ onDenied }: DenyFormProps): VNode {
  const { query } = useFrame().address;
  const asked = query.get('scope');
  return html`<${ScopeForm}
    id="deny"
    title="Deny something"
    hint="It takes effect at once. Resuming what it stopped is another order, and lifting it may need a second person."
    scopes=${SCOPES}
    first=${isScope(asked) ? asked : 'agent'}
    firstValue=${query.get('value') ?? ''}
    times=${TIMES}
    verb="Deny"
    done="Denied"
    send=${sendDenial}
    onDone=${onDenied}
  />`;
}
