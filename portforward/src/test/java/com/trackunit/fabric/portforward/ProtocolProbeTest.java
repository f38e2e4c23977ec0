// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.portforward.ProtocolProbe.Verdict;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProtocolProbeTest {
  private static final byte[] START = {1, 0, 0, 0, 0, 1, (byte) 0xF0, 0, 10, 0, 10, 0, 9};

  private static Verdict judge(byte[] bytes, int length) {
    return ProtocolProbe.amqp().judge(ByteBuffer.wrap(bytes, 0, length));
  }

  @Test
  void aConnectionStartIsGoodHoweverItIsCut() {
    for (int length = 0; length < 11; length++) {
      assertThat(judge(START, length)).isEqualTo(Verdict.MORE);
    }
    assertThat(judge(START, 11)).isEqualTo(Verdict.GOOD);
    assertThat(judge(START, START.length)).isEqualTo(Verdict.GOOD);
  }

  @Test
  void aProtocolHeaderInReturnIsARefusal() {
    assertThat(judge(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1}, 8)).isEqualTo(Verdict.BAD);
  }

  @Test
  void anotherProtocolIsBad() {
    byte[] http = "HTTP/1.1 400 Bad Request".getBytes(StandardCharsets.US_ASCII);
    assertThat(judge(http, http.length)).isEqualTo(Verdict.BAD);
    byte[] close = START.clone();
    close[10] = 50;
    assertThat(judge(close, close.length)).isEqualTo(Verdict.BAD);
  }
}
