// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.PresignedPutObjectRequest;

/**
 * The object store: S3Proxy over TLS, which checks the signature (AWS Signature Version 4) and the
 * expiry of every request, and keeps the objects in memory until it closes. Thread-safe.
 */
final class ObjectStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ObjectStore.class);
  private static final String BUCKET = "photos";

  private final BlobStore blobs;
  private final S3Proxy proxy;
  private final S3Presigner presigner;

  private ObjectStore(BlobStore blobs, S3Proxy proxy, S3Presigner presigner) {
    this.blobs = blobs;
    this.proxy = proxy;
    this.presigner = presigner;
  }

  /**
   * Starts a store.
   *
   * @param host the name in its URLs; it listens on loopback
   * @param port 0 takes a free one
   */
  static ObjectStore open(String host, int port, StandInTls tls) {
    BlobStore blobs = new TransientNio2BlobStore();
    blobs.createContainer(BUCKET);
    // Nobody else signs here: the credentials live as long as the store.
    AwsBasicCredentials credentials =
        AwsBasicCredentials.create(UUID.randomUUID().toString(), UUID.randomUUID().toString());
    S3Proxy proxy =
        S3Proxy.builder()
            .blobStore(blobs)
            .secureEndpoint(URI.create("https://127.0.0.1:" + port))
            .sslContext(tls.context())
            .awsAuthentication(
                AuthenticationType.AWS_V4, credentials.accessKeyId(), credentials.secretAccessKey())
            .jettyMaxThreads(32)
            .stopTimeout(0)
            .build();
    try {
      proxy.start();
    } catch (Exception e) {
      throw new IllegalStateException("object store: cannot listen on port " + port, e);
    }
    S3Presigner presigner =
        S3Presigner.builder()
            .endpointOverride(URI.create("https://" + host + ":" + proxy.getSecurePort()))
            .region(Region.US_EAST_1)
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .serviceConfiguration(S3Configuration.builder().pathStyleAccessEnabled(true).build())
            .build();
    return new ObjectStore(blobs, proxy, presigner);
  }

  int port() {
    return proxy.getSecurePort();
  }

  /** A URL that takes one object of one content type until it expires. */
  PresignedPut presign(String key, String contentType, Duration lifetime) {
    PresignedPutObjectRequest presigned =
        presigner.presignPutObject(
            request ->
                request
                    .signatureDuration(lifetime)
                    .putObjectRequest(put -> put.bucket(BUCKET).key(key).contentType(contentType)));
    return new PresignedPut(presigned.url().toString(), presigned.expiration());
  }

  /** What lies under a key, with its checksum computed anew; empty if nothing does. */
  Optional<StoredObject> inspect(String key) throws IOException {
    @Nullable HeadObjectResponse head = blobs.blobMetadataIfPresent(BUCKET, key);
    if (head == null) {
      return Optional.empty();
    }
    try (ResponseInputStream<GetObjectResponse> in = blobs.getBlob(BUCKET, key)) {
      MessageDigest digest = sha256();
      byte[] first = in.readNBytes(PhotoType.HEAD_BYTES);
      digest.update(first);
      long bytes = first.length + update(digest, in);
      String checksum = "sha256:" + HexFormat.of().formatHex(digest.digest());
      return Optional.of(
          new StoredObject(
              bytes, String.valueOf(head.contentType()), checksum, PhotoType.ofHead(first)));
    }
  }

  /**
   * Puts an object as a client would, and reads it back: what does not work shows before anyone
   * waits for it, and the first photo does not wait for classes to load.
   */
  void prove(StandInTls tls) {
    String key = "self-check/" + UUID.randomUUID();
    MediaType type = MediaType.get("text/plain");
    Request request =
        new Request.Builder()
            .url(presign(key, type.toString(), Duration.ofMinutes(1)).url())
            .put(RequestBody.create(new byte[] {1}, type))
            .build();
    OkHttpClient client = tls.client();
    try (Response response = client.newCall(request).execute()) {
      if (!response.isSuccessful() || inspect(key).isEmpty()) {
        throw new IllegalStateException(
            "object store: its own self-check was answered with " + response.code());
      }
      blobs.removeBlob(BUCKET, key);
    } catch (IOException e) {
      throw new UncheckedIOException("object store: its own self-check did not get through", e);
    } finally {
      client.connectionPool().evictAll();
      client.dispatcher().executorService().shutdown();
    }
  }

  /** Cuts the requests under way. Closing twice does nothing. */
  @Override
  public void close() {
    try {
      proxy.stop();
    } catch (Exception e) {
      log.warn("the object store did not stop cleanly", e);
    }
    presigner.close();
    blobs.close();
  }

  private static long update(MessageDigest digest, InputStream in) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    long bytes = 0;
    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
      digest.update(buffer, 0, n);
      bytes += n;
    }
    return bytes;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A presigned URL; whoever has it may write. */
  record PresignedPut(String url, Instant expiresAt) {
    @Override
    public String toString() {
      return "PresignedPut[***, expiresAt=" + expiresAt + "]";
    }
  }

  /**
   * An object as it lies in the store.
   *
   * @param contentType as it was uploaded with
   * @param checksum {@code sha256:<64 hex>}
   * @param looksLike what its first bytes say; empty for none of ours
   */
  record StoredObject(
      long bytes, String contentType, String checksum, Optional<PhotoType> looksLike) {}
}
