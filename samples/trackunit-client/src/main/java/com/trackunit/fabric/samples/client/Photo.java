// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file that begins like a JPEG, PNG or WebP image and is not named like another one. Immutable.
 *
 * @param path where it lies
 * @param filename its last name, which is all that leaves this machine of its path
 * @param format told by its first bytes, not by its name
 * @param bytes its size; 1 to 2^31 - 1, GraphQL's {@code Int}
 */
record Photo(Path path, String filename, Format format, long bytes) {
  /** The formats that tu-ingestion-service takes. */
  enum Format {
    JPEG("image/jpeg", "jpe?g"),
    PNG("image/png", "png"),
    WEBP("image/webp", "webp");

    private final String contentType;
    private final String extension;

    Format(String contentType, String extension) {
      this.contentType = contentType;
      this.extension = extension;
    }

    String contentType() {
      return contentType;
    }

    private boolean isBegunBy(byte[] head) {
      return switch (this) {
        // ITU-T T.81, B.1.1.3: SOI, then the first byte of the next marker.
        case JPEG -> startsWith(head, 0, new byte[] {(byte) 0xFF, (byte) 0xD8, (byte) 0xFF});
        // W3C PNG, section 5.2.
        case PNG ->
            startsWith(head, 0, new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'});
        // RFC 9649, section 2.4: RIFF, four bytes of size, WEBP.
        case WEBP ->
            startsWith(head, 0, "RIFF".getBytes(StandardCharsets.US_ASCII))
                && startsWith(head, 8, "WEBP".getBytes(StandardCharsets.US_ASCII));
      };
    }

    private static boolean startsWith(byte[] head, int from, byte[] magic) {
      return head.length >= from + magic.length
          && Arrays.equals(head, from, from + magic.length, magic, 0, magic.length);
    }
  }

  private static final int HEAD_BYTES = 12;

  /**
   * Looks at a file.
   *
   * @throws TrackunitClientException with {@link Reason#BAD_PHOTO} and what is wrong with it
   */
  static Photo open(Path path) {
    Path name = path.getFileName();
    if (name == null || !Files.isRegularFile(path)) {
      throw bad(path, Files.exists(path) ? "it is not a file" : "there is no such file");
    }
    byte[] head;
    long bytes;
    try (InputStream in = Files.newInputStream(path)) {
      head = in.readNBytes(HEAD_BYTES);
      bytes = Files.size(path);
    } catch (IOException e) {
      throw new TrackunitClientException(
          Reason.BAD_PHOTO, "photo " + path + ": it cannot be read; check its permissions", e);
    }
    if (bytes == 0) {
      throw bad(path, "the file is empty");
    }
    if (bytes > Integer.MAX_VALUE) {
      throw bad(path, "it has " + bytes + " bytes, expected at most " + Integer.MAX_VALUE);
    }
    Format format = formatOf(head);
    if (format == null) {
      throw bad(path, "it is not an image: it begins like no JPEG, PNG or WebP");
    }
    Format named = formatNamed(name.toString());
    if (named != null && named != format) {
      throw bad(path, "it is named like a " + named + " but holds a " + format);
    }
    return new Photo(path, name.toString(), format, bytes);
  }

  private static @Nullable Format formatOf(byte[] head) {
    return Arrays.stream(Format.values())
        .filter(format -> format.isBegunBy(head))
        .findFirst()
        .orElse(null);
  }

  private static @Nullable Format formatNamed(String filename) {
    String extension = filename.substring(filename.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return Arrays.stream(Format.values())
        .filter(format -> extension.matches(format.extension))
        .findFirst()
        .orElse(null);
  }

  private static TrackunitClientException bad(Path path, String what) {
    return new TrackunitClientException(
        Reason.BAD_PHOTO,
        "photo " + path + ": " + what + "; send a JPEG, PNG or WebP file. Nothing was sent");
  }
}
