// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import okhttp3.MediaType;

/**
 * What to upload: a name, a content type, a length, and bytes that can be read from their beginning
 * as often as an attempt needs them. It holds no bytes of its own, but for {@link #ofBytes}.
 * Immutable; thread-safe as far as its {@link Content} is.
 */
public final class Photo {
  /** Gives the bytes. */
  @FunctionalInterface
  public interface Content {
    /**
     * Opens the bytes at their beginning. Called once an attempt, on the thread that sends, which
     * closes what it gets.
     *
     * @return a stream of exactly the photo's length
     * @throws IOException if they cannot be read; ends the upload with {@link
     *     PhotoUnreadableException}
     */
    InputStream open() throws IOException;
  }

  private final String filename;
  private final MediaType mediaType;
  private final long bytes;
  private final Content content;

  private Photo(String filename, String contentType, long bytes, Content content) {
    this.filename = Objects.requireNonNull(filename, "filename");
    this.mediaType = mediaType(contentType);
    this.content = Objects.requireNonNull(content, "content");
    this.bytes = bytes;
    if (bytes < 1) {
      throw new IllegalArgumentException(
          "photo " + filename + ": has " + bytes + " bytes, expected at least 1");
    }
  }

  /**
   * A file, streamed from where it lies. Its length is read now; if it has another one when it is
   * sent, the upload ends with {@link PhotoUnreadableException}.
   *
   * @param file a readable file that is not empty; only its last name leaves this machine
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @return the photo
   * @throws IllegalArgumentException if the file is empty or the content type is malformed
   * @throws IOException if it is no file that can be looked at
   */
  public static Photo ofFile(Path file, String contentType) throws IOException {
    Path name = file.getFileName();
    if (name == null || !Files.isRegularFile(file)) {
      throw new IOException("photo " + file + ": it is not a file, expected one to read");
    }
    return new Photo(
        name.toString(), contentType, Files.size(file), () -> Files.newInputStream(file));
  }

  /**
   * Bytes in memory.
   *
   * @param filename the name for the service
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @param bytes at least one; copied
   * @return the photo
   * @throws IllegalArgumentException if there are none or the content type is malformed
   */
  public static Photo ofBytes(String filename, String contentType, byte[] bytes) {
    byte[] copy = bytes.clone();
    return new Photo(filename, contentType, copy.length, () -> new ByteArrayInputStream(copy));
  }

  /**
   * Bytes from anywhere else.
   *
   * @param filename the name for the service
   * @param contentType {@code image/jpeg}, {@code image/png} or {@code image/webp}
   * @param length how many bytes each stream has; at least 1: the object store wants to know before
   *     the first one
   * @param content opens them anew for each attempt
   * @return the photo
   * @throws IllegalArgumentException if the length is out of bounds or the content type is
   *     malformed
   */
  public static Photo of(String filename, String contentType, long length, Content content) {
    return new Photo(filename, contentType, length, content);
  }

  /**
   * The name for the service.
   *
   * @return a name without a path
   */
  public String filename() {
    return filename;
  }

  /**
   * What kind of image it is said to be.
   *
   * @return a media type, such as {@code image/jpeg}
   */
  public String contentType() {
    return mediaType.toString();
  }

  /**
   * How long it is.
   *
   * @return bytes, at least 1
   */
  public long bytes() {
    return bytes;
  }

  InputStream open() throws IOException {
    return content.open();
  }

  MediaType mediaType() {
    return mediaType;
  }

  @Override
  public String toString() {
    return "Photo[" + filename + ", " + mediaType + ", " + bytes + " bytes]";
  }

  private static MediaType mediaType(String contentType) {
    MediaType parsed = MediaType.parse(contentType);
    // In a quoted parameter the parser takes what no header can carry.
    boolean isSendable = contentType.chars().allMatch(c -> c >= 0x20 && c < 0x7F);
    if (parsed == null || !isSendable) {
      throw new IllegalArgumentException(
          "contentType is '"
              + contentType.replaceAll("\\p{Cntrl}", "?")
              + "', expected a media type such as image/jpeg");
    }
    return parsed;
  }
}
