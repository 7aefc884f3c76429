/** The text by which a filter of spam is tried without spam: the Generic Test for Unsolicited Bulk Email. */
export const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X';
