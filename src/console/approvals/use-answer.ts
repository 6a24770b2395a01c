import { useState } from 'preact/hooks';
import type { SentPasskeyAnswer } from '../../issuer-api/index.ts';
import { approvalChallenge } from '../../passkey/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  addressOf,
  callIssuer,
  type Fault,
  faultWords,
  issuerNow,
  useFrame,
  type WaitsForPerson,
} from '../frame/index.ts';
import { say } from '../ui/index.ts';
import type { GivenAnswer } from './answer-form.ts';
import { askForPasskey } from './passkey.ts';
import type { OwnPasskeys } from './passkey-card.ts';
import { answerOf } from './question.ts';

interface Answering {
  readonly isSending: boolean;
  readonly fault: string | undefined;
  /** Set once the answer waits for a second person. */
  readonly waits: WaitsForPerson | undefined;
  readonly send: (given: GivenAnswer) => void;
}

/** Sends the answer to the question that the page shows: its digest goes with it. */
export function useAnswer(
  { id, digest }: { readonly id: string; readonly digest: string },
  passkeys: Pick<OwnPasskeys, 'isRequired' | 'ids'>,
  onAnswered: () => void,
): Answering {
  const { poller } = useFrame();
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const [waits, setWaits] = useState<WaitsForPerson | undefined>();
  const send = ({ decision, reason, seconds }: GivenAnswer): void => {
    const body = answerOf(decision, { digest, reason, seconds }, issuerNow());
    if (!body) return;
    setSending(true);
    setFault(undefined);
    void confirmed(id, body, passkeys).then(async (signed) => {
      const sent = signed.ok
        ? await callIssuer('POST', '/approvals/:id', { params: { id }, body: signed.value })
        : undefined;
      setSending(false);
      if (!signed.ok) return setFault(signed.error);
      if (!sent) return;
      poller.reload();
      onAnswered();
      if (!sent.ok && sent.error.kind === 'waits') return setWaits(sent.error);
      if (!sent.ok) return setFault(answerFault(sent.error));
      // Otherwise the next question of the inbox would take the place of the answered one.
      location.hash = addressOf('approvals', [id]);
      say(decision === 'approve' ? 'Approved: exactly what was shown' : 'Refused');
    });
  };
  return { isSending, fault, waits, send };
}

type Body = NonNullable<ReturnType<typeof answerOf>>;

/** A yes of a person whose deployment requires it is signed by a passkey: exactly this answer. */
async function confirmed(
  id: string,
  body: Body,
  { isRequired, ids }: Pick<OwnPasskeys, 'isRequired' | 'ids'>,
): Promise<Result<Body & { readonly passkey?: SentPasskeyAnswer }, string>> {
  if (!isRequired || body.decision === 'refuse') return ok(body);
  if (ids.length === 0) return refuse('An approval needs a passkey of yours: add one above.');
  const { digest, until } = body;
  const asked = await askForPasskey(await approvalChallenge({ id, digest, until }), ids);
  return asked.ok ? ok({ ...body, passkey: asked.value }) : asked;
}

function answerFault(fault: Fault): string {
  if (fault.kind === 'refused' && fault.code === 'digest_differs') {
    return 'The question is another one now, so nothing was answered. Read it again.';
  }
  return faultWords(fault);
}
