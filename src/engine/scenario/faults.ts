/** Faults of a lab file: when a dialogue comes to this point, then that happens to it. */
import type { FaultThen, FaultWhen } from '../../contract/model.ts';
import type { Path } from './errors.ts';
import { checkHost, type ScriptContext } from './lookups.ts';
import type { FaultPlan } from './scenario.ts';
import type { FaultFile } from './schema-step.ts';

export function faultOf(fault: FaultFile, path: Path, context: ScriptContext): FaultPlan {
  const id = fault.id ?? `fault-${context.faultIds.size + 1}`;
  if (context.faultIds.has(id))
    context.file.add([...path, 'id'], `there is a fault \`${id}\` already: give this one another id`);
  context.faultIds.add(id);
  const when: FaultWhen =
    fault.when === 'final-dot'
      ? { at: 'final-dot' }
      : 'bytes' in fault.when
        ? { at: 'bytes', count: fault.when.bytes }
        : { at: 'command', verb: fault.when.command.toUpperCase() };
  const then: FaultThen =
    typeof fault.then === 'string'
      ? { do: fault.then }
      : 'answer' in fault.then
        ? { do: 'answer', reply: fault.then.answer }
        : { do: 'delay', ms: fault.then.delay };
  if (when.at === 'bytes' && then.do !== 'cut' && then.do !== 'reset')
    context.file.add(
      [...path, 'then'],
      'in the middle of bytes a line can only be cut or reset: write then: cut or then: reset',
    );
  if (then.do === 'answer' && !/^[45]\d\d( |$)/.test(then.reply)) {
    context.file.add(
      [...path, 'then', 'answer'],
      `\`${then.reply}\` is no refusal: write a code of 400 to 599 and a text, such as 451 4.3.0 Try again later`,
    );
  }
  return {
    id,
    when,
    then,
    host: checkHost(fault.host, [...path, 'host'], context),
    address: fault.address ?? null,
    afterMs: fault.after ?? 0,
    forMs: fault.for ?? null,
    times: fault.times ?? null,
  };
}
