/** What an event is about: what the inspector opens when its row is chosen. Pure. */
import type { LabEvent } from '../../contract/events.ts';
import type { Known } from './known.ts';
import type { Selection } from './store.ts';

export function aboutOf(event: LabEvent, known: Known): Selection {
  const attempt = 'attempt' in event && event.attempt !== null ? event.attempt : known.attemptOn(event.session);
  const mail = event.mail ?? known.mailOn(event.session);
  switch (event.kind) {
    case 'message-accept':
    case 'mailbox-deliver':
    case 'dsn-sent':
      return { kind: 'mail', mail: event.mail ?? '' };
    case 'dns-answer':
    case 'dns-timeout':
    case 'dns-ask': {
      const zone = known.zoneOf(event.name);
      return zone === null ? { kind: 'host', key: event.host } : { kind: 'zone', name: zone };
    }
    case 'person-act':
      return aboutAct(event);
    case 'zone-set':
      return { kind: 'zone', name: event.zone.name };
    case 'firewall-set':
      return { kind: 'firewall' };
    case 'firewall-drop':
    case 'firewall-reject':
      return attempt === null ? { kind: 'firewall' } : { kind: 'attempt', attempt };
    default:
      if (attempt !== null) return { kind: 'attempt', attempt };
      if (mail) return { kind: 'mail', mail };
      return hostIn(event.host ?? known.session(event.session)?.target);
  }
}

const hostIn = (key: string | null | undefined): Selection => (key ? { kind: 'host', key } : null);

function aboutAct({ act }: LabEvent<'person-act'>): Selection {
  switch (act.do) {
    case 'firewall':
      return { kind: 'firewall' };
    case 'zone':
      return { kind: 'zone', name: act.name };
    case 'fault':
      return { kind: 'host', key: act.fault.host };
    default:
      return 'host' in act ? { kind: 'host', key: act.host } : null;
  }
}
