// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the store must refuse, a real S3 would refuse too. */
final class ObjectStoreTest {
  private static final String KEY = "images/2026/01/31/5f0b1c1e-0000-4000-8000-000000000001.png";
  private static final Duration LIFETIME = Duration.ofMinutes(5);

  private final StandInTls tls = StandInTls.selfMade("localhost");
  private final ObjectStore store = ObjectStore.open("localhost", 0, tls);
  private final OkHttpClient http = tls.client();

  @AfterEach
  void close() {
    store.close();
    http.connectionPool().evictAll();
    http.dispatcher().executorService().shutdown();
  }

  @Test
  void signedUploadIsStoredWithTypeAndChecksum() throws IOException {
    assertThat(put(url(), "image/png", Photos.png())).isEqualTo(200);

    assertThat(store.inspect(KEY))
        .hasValueSatisfying(
            object -> {
              assertThat(object.bytes()).isEqualTo(Photos.png().length);
              assertThat(object.contentType()).isEqualTo("image/png");
              assertThat(object.checksum()).isEqualTo(Photos.checksum(Photos.png()));
              assertThat(object.looksLike()).contains(PhotoType.PNG);
            });
  }

  @Test
  void urlSignsNothingButHostAndContentType() {
    assertThat(url().queryParameter("X-Amz-SignedHeaders")).isEqualTo("content-type;host");
    assertThat(url().queryParameter("X-Amz-Expires")).isEqualTo("300");
  }

  @Test
  void twentyMegabytesAreStored() throws IOException {
    byte[] photo = Photos.padded(Photos.png(), 20 * 1024 * 1024);

    assertThat(put(url(), "image/png", photo)).isEqualTo(200);

    assertThat(store.inspect(KEY))
        .hasValueSatisfying(
            object -> assertThat(object.checksum()).isEqualTo(Photos.checksum(photo)));
  }

  @Test
  void anotherContentTypeIsRefused() throws IOException {
    assertThat(put(url(), "image/jpeg", Photos.png())).isEqualTo(403);
    assertThat(store.inspect(KEY)).isEmpty();
  }

  @Test
  void changedSignatureIsRefused() throws IOException {
    HttpUrl forged =
        url().newBuilder().setQueryParameter("X-Amz-Signature", "0".repeat(64)).build();

    assertThat(put(forged, "image/png", Photos.png())).isEqualTo(403);
    assertThat(store.inspect(KEY)).isEmpty();
  }

  @Test
  void signatureOfAnotherKeyIsRefused() throws IOException {
    HttpUrl moved = url().newBuilder().encodedPath("/photos/images/another.png").build();

    assertThat(put(moved, "image/png", Photos.png())).isEqualTo(403);
  }

  @Test
  void longerLifetimeThanSignedIsRefused() throws IOException {
    HttpUrl stretched = url().newBuilder().setQueryParameter("X-Amz-Expires", "86400").build();

    assertThat(put(stretched, "image/png", Photos.png())).isEqualTo(403);
  }

  @Test
  void unsignedUploadIsRefused() throws IOException {
    assertThat(put(url().newBuilder().query(null).build(), "image/png", Photos.png()))
        .isEqualTo(403);
  }

  @Test
  void expiredUrlIsRefused() {
    HttpUrl url = HttpUrl.get(store.presign(KEY, "image/png", Duration.ofSeconds(1)).url());

    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(put(url, "image/png", Photos.png())).isEqualTo(403));
  }

  @Test
  void presignedUrlIsNotInTheLog() {
    assertThat(store.presign(KEY, "image/png", LIFETIME).toString()).doesNotContain("X-Amz");
  }

  private HttpUrl url() {
    return HttpUrl.get(store.presign(KEY, "image/png", LIFETIME).url());
  }

  private int put(HttpUrl url, String contentType, byte[] body) throws IOException {
    Request request =
        new Request.Builder()
            .url(url)
            .put(RequestBody.create(body, MediaType.get(contentType)))
            .build();
    try (Response response = http.newCall(request).execute()) {
      return response.code();
    }
  }
}
