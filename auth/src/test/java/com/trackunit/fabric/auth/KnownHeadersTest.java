// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.auth.CompactToken.Header;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KnownHeadersTest {
  private final KnownHeaders headers = new KnownHeaders();

  @Test
  void aHeaderIsKnownByEachOfItsCharacters() {
    Header header = new Header(SignatureAlgorithm.RS256, "kid");
    byte[] token =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6ImtpZCJ9.e30.c2ln".getBytes(StandardCharsets.US_ASCII);
    int end = 36;

    headers.add(token, end, header);

    assertThat(headers.find(token, end)).isSameAs(header);
    assertThat(headers.find(token, end - 1)).isNull();
    assertThat(headers.find(token, end + 1)).isNull();
    for (int i = 0; i < end; i++) {
      byte[] other = token.clone();
      other[i]++;
      assertThat(headers.find(other, end)).as("another character %d", i).isNull();
    }
  }

  @Test
  void manyHeadersPushEachOtherOutAndAreNeverMixedUp() {
    Random random = new Random(7);
    Map<String, Header> added = new HashMap<>();
    for (int i = 0; i < 2_000; i++) {
      String text = Integer.toString(random.nextInt(200), 36).repeat(1 + random.nextInt(12));
      byte[] token = text.getBytes(StandardCharsets.US_ASCII);
      Header known = headers.find(token, token.length);
      if (known == null) {
        Header header = new Header(SignatureAlgorithm.RS256, text);
        headers.add(token, token.length, header);
        added.put(text, header);
      } else {
        assertThat(known.kid()).isEqualTo(text);
      }
      assertThat(headers.find(token, token.length)).isEqualTo(added.get(text));
    }
  }
}
