/** What several rooms ask of a mail address; pure, and it belongs to none of them. An address has quotes where it needs them: `"a b"@d`. */

/** The part behind the last @, in lower case and without a dot at its end; '' for an address without one (postmaster). */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at === -1
    ? ''
    : address
        .slice(at + 1)
        .toLowerCase()
        .replace(/\.$/, '');
}

/** The part before the last @, without quotes: `a b` of `"a b"@d`, `alice` of `"alice"@d`. RFC 5321 §4.1.2 */
export function localPartOf(address: string): string {
  const at = address.lastIndexOf('@');
  const local = at === -1 ? address : address.slice(0, at);
  return /^".*"$/s.test(local) ? local.slice(1, -1).replace(/\\(.)/gs, '$1') : local;
}

/** An address of its two parts: quoted where RFC 5321 §4.1.2 (and RFC 6531 §3.3) has no other way to write the local part. */
export function addressOf(local: string, domain: string): string {
  const plain = /^[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+(\.[\w!#$%&'*+/=?^`{|}~\u0080-\u{10ffff}-]+)*$/u.test(local);
  return `${plain ? local : `"${local.replace(/["\\]/g, '\\$&')}"`}@${domain}`;
}
