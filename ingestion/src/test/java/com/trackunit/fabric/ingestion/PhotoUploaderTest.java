// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.ingestion.FaultServer.Fault;
import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The presigned PUT, on the wire. */
final class PhotoUploaderTest {
  private static final CallOptions OPTIONS = CallOptions.of(new CorrelationId("journey-1"));
  private static final String QUERY =
      "X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Date=20260131T120000Z&X-Amz-Expires=300"
          + "&X-Amz-Signature=leak";
  private static final Fault STORE = c -> c.handshake().request().answer(200, "", "");
  private static final byte[] BYTES = bytes(300_000);

  private final ManualTime time = new ManualTime();

  @Test
  void onlyWhatIsSignedAndTheLengthIsSentAndDigestedOnTheWay(@TempDir Path folder)
      throws Exception {
    Path file = Files.write(folder.resolve("digger.png"), BYTES);
    List<Long> progress = new ArrayList<>();
    try (FaultServer store = new FaultServer(time, List.of(STORE));
        PhotoUploader uploader = uploader(store).build()) {
      StoredPhoto stored =
          uploader.upload(
              url(store),
              Photo.ofFile(file, "image/png"),
              OPTIONS.onProgress((sent, total) -> progress.add(sent)));

      assertThat(stored).isEqualTo(new StoredPhoto(BYTES.length, checksum(BYTES)));
      assertThat(store.heads()).hasSize(1);
      assertThat(store.heads().get(0).lines())
          .containsExactlyInAnyOrder(
              "PUT /photos/1.png?" + QUERY + " HTTP/1.1",
              "Host: " + url(store).getAuthority(),
              "Content-Type: image/png",
              "Content-Length: " + BYTES.length,
              "");
    }
    assertThat(progress).isSorted().hasSizeGreaterThan(3).endsWith((long) BYTES.length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost/x?X-Amz-Signature=leak",
        "https://elsewhere.example/x?X-Amz-Signature=leak",
        "https://leak@localhost/x",
        "https://127.0.0.1/x?X-Amz-Signature=leak",
        "https://localhost/x?X-Amz-SignedHeaders=host%3Bx-amz-acl&X-Amz-Signature=leak",
        "https://localhost/x?X-Amz-SignedHeaders=host%3Bauthorization&X-Amz-Signature=leak",
        "file:///etc/passwd?leak"
      })
  void otherUrlsAreRefusedWithoutShowingThem(String url) {
    try (PhotoUploader uploader =
        PhotoUploader.builder(UploadHosts.of().andPrivate("localhost")).build()) {
      assertThatThrownBy(() -> uploader.upload(URI.create(url), photo(), OPTIONS))
          .isInstanceOf(IngestionProtocolException.class)
          .hasMessageContaining("refused")
          .hasMessageNotContaining("leak");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.7", "169.254.169.254", "127.0.0.1", "fd00:ec2::254"})
  void aPublicNameWithAnotherAddressIsNotDialled(String address) throws IOException {
    try (FaultServer store = new FaultServer(time, List.of(STORE));
        PhotoUploader uploader =
            uploader(store, UploadHosts.of("localhost"))
                .dns(name -> List.of(InetAddress.getByName(address)))
                .build()) {
      assertThatThrownBy(() -> uploader.upload(url(store), photo(), OPTIONS))
          .isInstanceOf(IngestionProtocolException.class)
          .hasMessageContaining("not public");
      assertThat(store.connections()).isZero();
    }
  }

  @Test
  void lostUploadIsMadeAgainFromItsBeginning() throws IOException {
    Fault lost = c -> c.handshake().requestHead().reset();
    Fault away = c -> c.handshake().request().answer(503, "Retry-After: 2\r\n", "<Error/>");
    try (FaultServer store = new FaultServer(time, List.of(lost, away, STORE));
        PhotoUploader uploader = uploader(store).build()) {
      assertThat(uploader.upload(url(store), photo(), OPTIONS).checksum())
          .isEqualTo(checksum(BYTES));
      assertThat(store.connections()).isEqualTo(3);
      assertThat(time.elapsed()).isEqualTo(Duration.ofMillis(2_100));
    }
  }

  @Test
  void uploadThatStallsEndsUnavailable() throws IOException {
    Fault stall = c -> c.handshake().request().pass(Duration.ofSeconds(30)).fallSilent();
    try (FaultServer store = new FaultServer(time, List.of(stall));
        PhotoUploader uploader = uploader(store).retry(RetrySettings.none()).build()) {
      assertThatThrownBy(() -> uploader.upload(url(store), photo(), OPTIONS))
          .isInstanceOfSatisfying(
              IngestionUnavailableException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.TIMEOUT));
    }
  }

  @Test
  void expiredUrlIsToldByTheStoresWords() throws IOException {
    Fault expired =
        c -> c.handshake().request().answer(403, "", "<Message>Request has expired</Message>");
    try (FaultServer store = new FaultServer(time, List.of(expired));
        PhotoUploader uploader = uploader(store).clock(at("2026-01-31T12:00:01Z")).build()) {
      assertThatThrownBy(() -> uploader.upload(url(store), photo(), OPTIONS))
          .isInstanceOf(UploadExpiredException.class)
          .hasMessageNotContaining("leak");
    }
  }

  @Test
  void orByItsAge() throws IOException {
    Fault refused = c -> c.handshake().request().answer(403, "", "");
    try (FaultServer store = new FaultServer(time, List.of(refused));
        PhotoUploader old = uploader(store).clock(at("2026-01-31T12:05:00Z")).build();
        PhotoUploader young = uploader(store).clock(at("2026-01-31T12:04:59Z")).build()) {
      assertThatThrownBy(() -> old.upload(url(store), photo(), OPTIONS))
          .isInstanceOf(UploadExpiredException.class);
      assertThatThrownBy(() -> young.upload(url(store), photo(), OPTIONS))
          .isInstanceOf(IngestionProtocolException.class)
          .hasMessageContaining("403");
    }
  }

  @Test
  void redirectIsNotFollowed() throws IOException {
    Fault redirect =
        c -> c.handshake().request().answer(307, "Location: https://10.0.0.1/\r\n", "");
    try (FaultServer store = new FaultServer(time, List.of(redirect));
        PhotoUploader uploader = uploader(store).build()) {
      assertThatThrownBy(() -> uploader.upload(url(store), photo(), OPTIONS))
          .isInstanceOf(IngestionProtocolException.class);
      assertThat(store.connections()).isEqualTo(1);
    }
  }

  @Test
  void successBeforeTheLastByteIsNotBelieved() throws IOException {
    Fault hasty = c -> c.handshake().requestHead().answer(200, "", "");
    byte[] many = bytes(20_000_000);
    try (FaultServer store = new FaultServer(time, List.of(hasty));
        PhotoUploader uploader = uploader(store).build()) {
      assertThatThrownBy(
              () -> uploader.upload(url(store), Photo.ofBytes("x", "image/png", many), OPTIONS))
          .isInstanceOf(IngestionUnavailableException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {299_999, 300_001})
  void photoOfAnotherLengthIsNotStored(int said) throws IOException {
    Photo changed = Photo.of("x.png", "image/png", said, () -> new ByteArrayInputStream(BYTES));
    try (FaultServer store = new FaultServer(time, List.of(STORE));
        PhotoUploader uploader = uploader(store).build()) {
      assertThatThrownBy(() -> uploader.upload(url(store), changed, OPTIONS))
          .isInstanceOf(PhotoUnreadableException.class);
      assertThat(store.connections()).isEqualTo(1);
    }
  }

  @Test
  void photoThatCannotBeReadIsToldFromALostConnection() throws IOException {
    Photo gone =
        Photo.of(
            "x.png",
            "image/png",
            5,
            () -> {
              throw new IOException("no such file");
            });
    try (FaultServer store = new FaultServer(time, List.of(STORE));
        PhotoUploader uploader = uploader(store).build()) {
      assertThatThrownBy(() -> uploader.upload(url(store), gone, OPTIONS))
          .isInstanceOf(PhotoUnreadableException.class)
          .hasRootCauseMessage("no such file");
    }
  }

  @Test
  void whatAListenerThrowsReachesTheCaller() throws IOException {
    try (FaultServer store = new FaultServer(time, List.of(STORE));
        PhotoUploader uploader = uploader(store).build()) {
      CallOptions options =
          OPTIONS.onProgress(
              (sent, total) -> {
                throw new IllegalStateException("enough");
              });
      assertThatThrownBy(() -> uploader.upload(url(store), photo(), options))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("enough");
    }
  }

  @Test
  void closedUploaderRefuses() throws IOException {
    try (FaultServer store = new FaultServer(time, List.of(STORE))) {
      PhotoUploader uploader = uploader(store).build();
      uploader.close();
      uploader.close();

      assertThatThrownBy(() -> uploader.upload(url(store), photo(), OPTIONS))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> uploader.uploadAsync(url(store), photo(), OPTIONS))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private PhotoUploader.Builder uploader(FaultServer store) {
    return uploader(store, UploadHosts.of().andPrivate("localhost"));
  }

  private PhotoUploader.Builder uploader(FaultServer store, UploadHosts hosts) {
    return PhotoUploader.builder(hosts)
        .trust(Objects.requireNonNull(store.http().x509TrustManager()))
        .time(time, () -> 0);
  }

  private static Photo photo() {
    return Photo.ofBytes("digger.png", "image/png", BYTES);
  }

  private static URI url(FaultServer store) {
    return URI.create(store.uri() + "/photos/1.png?" + QUERY);
  }

  private static Clock at(String instant) {
    return Clock.fixed(Instant.parse(instant), ZoneOffset.UTC);
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  private static String checksum(byte[] bytes) throws IOException {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }
}
