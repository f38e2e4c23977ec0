// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/** A photo on its way: read, digested, counted and sent in one pass, piece by piece. */
final class PhotoBody extends RequestBody {
  private static final int PIECE = 64 * 1024;

  private final Photo photo;
  private final ProgressListener progress;
  private final Watch watch;
  private final Duration stallTimeout;
  private final MessageDigest digest;
  private long sent;

  PhotoBody(Photo photo, ProgressListener progress, Watch watch, Duration stallTimeout) {
    this.photo = photo;
    this.progress = progress;
    this.watch = watch;
    this.stallTimeout = stallTimeout;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** To be asked once, after the object store has taken it all. */
  StoredPhoto stored() {
    return new StoredPhoto(sent, "sha256:" + HexFormat.of().formatHex(digest.digest()));
  }

  boolean isComplete() {
    return sent == photo.bytes();
  }

  long sent() {
    return sent;
  }

  @Override
  public MediaType contentType() {
    return photo.mediaType();
  }

  @Override
  public long contentLength() {
    return photo.bytes();
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    try {
      copyTo(sink);
    } catch (RuntimeException | Error e) {
      // OkHttp gives a connection back only after an IOException.
      throw new AbortedException(e);
    }
  }

  /** A digest counts each byte once: OkHttp must not send the body again on its own. */
  @Override
  public boolean isOneShot() {
    return true;
  }

  private void copyTo(BufferedSink sink) throws IOException {
    try (InputStream content = open()) {
      byte[] piece = new byte[PIECE];
      for (int read = read(content, piece); read >= 0; read = read(content, piece)) {
        if (sent + read > photo.bytes()) {
          throw new UnreadableException("it is longer than the " + photo.bytes() + " said", null);
        }
        digest.update(piece, 0, read);
        sink.write(piece, 0, read);
        sent += read;
        watch.restart(stallTimeout);
        progress.onProgress(sent, photo.bytes());
      }
    }
    if (!isComplete()) {
      throw new UnreadableException(
          "it ended after " + sent + " bytes of the " + photo.bytes() + " said", null);
    }
  }

  private InputStream open() throws UnreadableException {
    try {
      return photo.open();
    } catch (IOException e) {
      throw new UnreadableException("it cannot be opened", e);
    }
  }

  private static int read(InputStream content, byte[] piece) throws UnreadableException {
    try {
      return content.read(piece);
    } catch (IOException e) {
      throw new UnreadableException("it cannot be read to its end", e);
    }
  }

  /** A listener or the photo's own code threw something that is none of our business. */
  static final class AbortedException extends IOException {
    private static final long serialVersionUID = 1L;

    AbortedException(Throwable unchecked) {
      super(unchecked);
    }

    /** Throws it on, as it was. */
    RuntimeException rethrown() {
      if (getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) Objects.requireNonNull(getCause());
    }
  }

  /** The trouble is on the side of the photo, not of the connection. */
  static final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message, @Nullable IOException cause) {
      super(message, cause);
    }
  }
}
