/* pii_money: is it a card, an account, an address of a coin? As in pii_check. */
#ifndef PII_MONEY_H
#define PII_MONEY_H

#include <stdbool.h>
#include <stddef.h>

/* Issuer range and a length that it has, then Luhn. CARD_WEAK: a range so wide that a bare number of this
 * length proves little. */
enum card { CARD_NO, CARD_WEAK, CARD_YES };
enum card check_card(const char *d, size_t n);

/* s: letters in capitals. The length of a country's IBAN by its first two letters; 0: there is none. *first:
 * what stands behind the check digits, n a digit, a a letter, c either. */
size_t iban_length(const char *country, char *first);
/* Format of the country, and mod 97. */
bool check_iban(const char *s, size_t n);

/* Base58Check with the version byte of a coin's addresses. *secret: the version of a private key (WIF). */
bool check_base58(const char *s, size_t n, bool *secret);
bool check_bech32(const char *s, size_t n);
/* s: the 40 hexadecimal digits behind 0x. CHECKSUM_NONE: all of one case. */
enum checksum { CHECKSUM_BAD, CHECKSUM_NONE, CHECKSUM_GOOD };
enum checksum check_eth(const char *s);

#endif
