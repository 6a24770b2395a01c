/**
 * Notices for people and other systems: what is reported, the messages that carry it (signed
 * webhook, Slack-compatible, e-mail), and where they are sent.
 */
export { requestFor } from './message.ts';
export {
  keyOf,
  kindOf,
  linkOf,
  NOTICE_TYPES,
  NOTICES,
  type Notice,
  type NoticeType,
  type SentNotice,
} from './notice.ts';
export { signatureHeaders } from './signature.ts';
export {
  readTargets,
  TARGET_SCHEMAS,
  TARGETS_MAX,
  type Target,
  type TargetKind,
  targetName,
} from './target.ts';
