// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Turns a fuzzer's bytes into changes of a text that is good otherwise, so that what comes out gets
 * past the first checks more often than chance lets it.
 */
final class FuzzEdits {
  private static final int MAX_EDITS = 16;

  /** What a blind fuzzer does not guess. */
  private static final List<String> WORDS =
      """
      { } [ ] , : " . = {} [] \\ \\u0074 \\ud83d null true -1 0 1e400 9223372036854775808
      "alg":"none", "alg":"HS256", "ALG":1, "kid":"other", "crit":[], "crit":["exp"], "b64":false,
      "jku":"https://x", "x5c":[], "jwk":{}, "zip":"DEF", "cty":"JWT", "nonce":"a", "typ":"at+jwt",
      "tid":"", "TID":"a", "t\u0131d":1, "exp":null, "exp":1, "nbf":253402300799, "aud":[],
      "scp":"x", "roles":["x"], "roles":"x", "idtyp":"app", "ver":"1.0", "appid":"a", "acrs":[1],
      "xms_cc":["cp1",null], "uti":"a", "_claim_names":{"groups":1}, "hasgroups":true,
      "a":{"a":1,"a":2}, "kty":"oct", "use":"enc", "e":"AQ", "d":"AQAB", "issuer":null,
      "cloud_instance_name":"x", \u0000 \ufeff
      """
          .lines()
          .flatMap(line -> Arrays.stream(line.strip().split(" ", -1)))
          .toList();

  private FuzzEdits() {}

  /** The text after the edits that the input describes, four bytes each. */
  static byte[] apply(byte[] text, byte[] input, int from) {
    byte[] edited = text;
    int last = Math.min(input.length - 3, from + 4 * MAX_EDITS);
    for (int at = from; at < last; at += 4) {
      int where = (input[at + 1] & 0xFF) << 8 | (input[at + 2] & 0xFF);
      edited = edit(edited, input[at] & 0xFF, where, input[at + 3]);
    }
    return edited;
  }

  private static byte[] edit(byte[] text, int how, int where, byte what) {
    int at = where % (text.length + 1);
    int length = Math.min(what & 0x3F, text.length - at);
    return switch (how % 6) {
      case 0 -> spliced(text, at, Math.min(1, text.length - at), new byte[] {what});
      case 1 -> spliced(text, at, 0, new byte[] {what});
      case 2 -> spliced(text, at, Math.min(1, text.length - at), new byte[0]);
      case 3 -> spliced(text, at, length, new byte[0]);
      case 4 -> spliced(text, at, 0, Arrays.copyOfRange(text, at, at + length));
      default -> spliced(text, at, 0, word(what));
    };
  }

  private static byte[] word(byte which) {
    return WORDS.get((which & 0xFF) % WORDS.size()).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] spliced(byte[] text, int at, int without, byte[] with) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(text, 0, at);
    out.writeBytes(with);
    out.write(text, at + without, text.length - at - without);
    return out.toByteArray();
  }
}
