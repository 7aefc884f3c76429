/** What several rooms ask of a mail address; pure, and it belongs to none of them. */

/** The part behind the last @, in lower case and without a dot at its end; '' for an address without one (postmaster). */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at === -1 ? '' : address.slice(at + 1).toLowerCase().replace(/\.$/, '');
}
