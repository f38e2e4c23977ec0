// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class PhotoTypeTest {
  @Test
  void firstBytesTellTheType() {
    assertThat(PhotoType.ofHead(bytes("\u00FF\u00D8\u00FF\u00E0.JFIF"))).contains(PhotoType.JPEG);
    assertThat(PhotoType.ofHead(bytes("\u0089PNG\r\n\u001A\n"))).contains(PhotoType.PNG);
    // A size may hold any byte, a line feed too.
    assertThat(PhotoType.ofHead(bytes("RIFF\n\u0000\r\u00FFWEBP"))).contains(PhotoType.WEBP);
  }

  @Test
  void nothingElseIsAPhoto() {
    assertThat(PhotoType.ofHead(bytes(""))).isEmpty();
    assertThat(PhotoType.ofHead(bytes("\u00FF\u00D8"))).isEmpty();
    assertThat(PhotoType.ofHead(bytes("GIF89a"))).isEmpty();
    assertThat(PhotoType.ofHead(bytes("RIFF\n\u0000\r\u00FFWAVE"))).isEmpty();
    assertThat(PhotoType.ofHead(bytes(" \u00FF\u00D8\u00FF"))).isEmpty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
