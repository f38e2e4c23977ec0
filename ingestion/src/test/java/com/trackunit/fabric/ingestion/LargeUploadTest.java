// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.CorrelationId;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A photo larger than the heap. */
final class LargeUploadTest {
  private static final long BYTES = 2L * 1024 * 1024 * 1024 + 1;
  // sha256sum of as many zeros
  private static final String CHECKSUM =
      "sha256:b8030a8ab89280935633d8d991da3d9907c0f12e8b6fc3bfc515f4d440872b6e";

  /** Runs in a JVM of its own, store and all, in 64 MiB of heap; its exit code is the verdict. */
  public static final class Upload {
    private Upload() {}

    /**
     * Uploads.
     *
     * @param args none
     * @throws Exception if it fails
     */
    public static void main(String[] args) throws Exception {
      ManualTime time = new ManualTime();
      try (FaultServer store =
              new FaultServer(time, List.of(c -> c.handshake().request().answer(200, "", "")));
          PhotoUploader uploader =
              PhotoUploader.builder(UploadHosts.of().andPrivate("localhost"))
                  .trust(Objects.requireNonNull(store.http().x509TrustManager()))
                  .build()) {
        StoredPhoto stored =
            uploader.upload(
                URI.create(store.uri() + "/large.png"),
                Photo.of("large.png", "image/png", BYTES, Zeros::new),
                CallOptions.of(new CorrelationId("large")));
        System.exit(stored.equals(new StoredPhoto(BYTES, CHECKSUM)) ? 0 : 1);
      }
    }
  }

  @Test
  void twoGibibytesFitThrough64MebibytesOfHeap() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                Upload.class.getName())
            .inheritIO()
            .start();
    try {
      assertThat(jvm.waitFor(5, TimeUnit.MINUTES)).isTrue();
      assertThat(jvm.exitValue()).isZero();
    } finally {
      jvm.destroyForcibly();
    }
  }

  /** As many zeros as are asked for. */
  private static final class Zeros extends InputStream {
    private long left = BYTES;

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] piece, int from, int length) {
      if (left <= 0) {
        return -1;
      }
      int read = (int) Math.min(left, length);
      Arrays.fill(piece, from, from + read, (byte) 0);
      left -= read;
      return read;
    }
  }
}
