// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReadNamesTest {
  private static final ReadNames NAMES =
      new ReadNames(Set.of("tid", "sub", "scp", "kid", "oid", "_claim_names"));

  @ParameterizedTest
  @ValueSource(strings = {"tid", "sub", "scp", "kid", "oid", "_claim_names"})
  void aNameIsFoundAmongOtherBytes(String name) {
    byte[] bytes = ("{\"" + name + "\":1").getBytes(StandardCharsets.US_ASCII);

    assertThat(NAMES.find(bytes, 2, 2 + name.length())).isEqualTo(name);
    assertThat(NAMES.twinOf(name)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "t", "tie", "did", "tids", "_claim_nameZ", "TID"})
  void anotherNameIsNotFound(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);

    assertThat(NAMES.find(bytes, 0, bytes.length)).isNull();
    assertThat(ReadNames.NONE.find(bytes, 0, bytes.length)).isNull();
  }

  /** The dotless i, the long s and the Kelvin sign are letters of ASCII in another case. */
  @ParameterizedTest
  @CsvSource({
    "TID,tid",
    "tId,tid",
    "t\u0131d,tid",
    "\u017fub,sub",
    "\u212aid,kid",
    "_Claim_Names,_claim_names"
  })
  void aNameInAnotherCaseIsTheTwinOfOneThatIsRead(String twin, String name) {
    assertThat(NAMES.twinOf(twin)).isEqualTo(name);
  }

  @Test
  void aNameThatDiffersInMoreThanCaseHasNoTwin() {
    assertThat(NAMES.twinOf("\u007fclaim_names")).isNull();
    assertThat(NAMES.twinOf("")).isNull();
    assertThat(NAMES.twinOf("iat")).isNull();
  }
}
