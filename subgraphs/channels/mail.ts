/** Mail by SMTP: which dossier has news, and nothing else about anybody. */
import { createTransport } from 'nodemailer';
import { mailText } from '../../schema/notifications.ts';
import { languageOf } from '../../schema/reference.ts';
import { isError } from '../errors.ts';
import { type Carrier, failed, patience } from './carrier.ts';

/** A server that says of the recipient that there is none will say so again. */
const isRejection = (error: unknown): boolean =>
  isError(error) && 'responseCode' in error && 'command' in error
    ? error.command === 'RCPT TO' && Number(error.responseCode) >= 500
    : false;

/** Carries by the server at an address. Without one, where that is allowed, what is handed on is dropped. */
export const mail = (address: string | undefined, from: string): Carrier => {
  const transport =
    address === undefined
      ? createTransport({ jsonTransport: true })
      : createTransport({ url: address, disableFileAccess: true, disableUrlAccess: true });
  const domain = from.slice(from.indexOf('@') + 1);
  return {
    name: 'mail',
    channel: 'MAIL',
    send: async ({ id, event, dossier, details, language, email }) => {
      if (email === null) throw failed('NO_ADDRESS', true);
      const dueOn = typeof details.dueOn === 'string' ? details.dueOn : null;
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: email },
          ...mailText(event, dossier ?? '', dueOn, languageOf(language ?? '')),
          messageId: `<${id}@${domain}>`,
          headers: { 'auto-submitted': 'auto-generated' },
          signal: AbortSignal.timeout(patience),
        });
      } catch (error) {
        throw isRejection(error) ? failed('REFUSED', true) : error;
      }
      return { receipt: null, readAt: null };
    },
    stop: async () => transport.close(),
  };
};
