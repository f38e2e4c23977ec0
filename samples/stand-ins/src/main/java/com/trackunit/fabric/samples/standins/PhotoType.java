// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** The photos that the service takes, and how their first bytes look. */
enum PhotoType {
  /** ISO/IEC 10918-1: the SOI marker, then the first byte of the next one. */
  JPEG("image/jpeg", "jpg", "\\xFF\\xD8\\xFF"),
  /** W3C PNG, section 5.2. */
  PNG("image/png", "png", "\\x89PNG\\r\\n\\x1A\\n"),
  /** RFC 9649, section 2.4: RIFF, four bytes of size, WEBP. */
  WEBP("image/webp", "webp", "RIFF.{4}WEBP");

  /** Enough bytes of a photo to know its type. */
  static final int HEAD_BYTES = 12;

  private final String contentType;
  private final String extension;
  private final Pattern head;

  PhotoType(String contentType, String extension, String head) {
    this.contentType = contentType;
    this.extension = extension;
    this.head = Pattern.compile(head, Pattern.DOTALL);
  }

  static Optional<PhotoType> ofContentType(String contentType) {
    return Arrays.stream(values()).filter(type -> type.contentType.equals(contentType)).findAny();
  }

  static Optional<PhotoType> ofHead(byte[] firstBytes) {
    return Arrays.stream(values()).filter(type -> type.fits(firstBytes)).findAny();
  }

  String contentType() {
    return contentType;
  }

  String extension() {
    return extension;
  }

  private boolean fits(byte[] firstBytes) {
    // ISO 8859-1 has a character for each byte, of the same number.
    return head.matcher(new String(firstBytes, StandardCharsets.ISO_8859_1)).lookingAt();
  }
}
