// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import javax.imageio.ImageIO;

/** Real images of one pixel, and a large file that begins like a JPEG. */
final class Photos {
  /** One lossless pixel: RIFF, VP8L chunk (RFC 9649, section 3). */
  private static final String WEBP =
      "52494646"
          + "1a000000"
          + "57454250"
          + "5650384c"
          + "0d000000"
          + "2f00000010071011118888fe07"
          + "00";

  private Photos() {}

  static Path jpeg(Path folder) {
    return write(folder.resolve("digger.jpg"), encoded("jpg"));
  }

  static Path png(Path folder) {
    return write(folder.resolve("digger.PNG"), encoded("png"));
  }

  static Path webp(Path folder) {
    return write(folder.resolve("digger.webp"), HexFormat.of().parseHex(WEBP));
  }

  /** A JPEG's first bytes, then seeded noise. */
  static Path large(Path folder, int bytes) {
    Path file = folder.resolve("large.jpeg");
    Random noise = new Random(20261123);
    byte[] chunk = new byte[1 << 20];
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF, (byte) 0xE0});
      for (int left = bytes - 4; left > 0; left -= chunk.length) {
        noise.nextBytes(chunk);
        out.write(chunk, 0, Math.min(left, chunk.length));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  static Path write(Path file, byte[] content) {
    try {
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] encoded(String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      boolean unused =
          ImageIO.write(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), format, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
