// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.auth;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okhttp3.Authenticator;
import okhttp3.Call;
import okhttp3.CookieJar;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Fetches a tenant's v2 discovery document and the key set it names. It trusts neither beyond its
 * reason: https only, on the authority's own host only, no redirects, bounded in time and size, and
 * the document must name the issuer that belongs to authority and tenant (OpenID Connect Discovery
 * 1.0, section 4.3).
 */
final class AuthorityClient implements KeySetSource, AutoCloseable {
  private static final int MAX_DISCOVERY_BYTES = 256 * 1024;
  private static final int MAX_KEYS_BYTES = 1024 * 1024;

  private final OkHttpClient http;
  private final URI authorityHost;
  private final String tenant;
  private final Duration timeout;
  private final Object lock = new Object();
  private @Nullable Call underWay;
  private boolean isClosed;

  /**
   * @param http its pool and its TLS are used, but not its redirects, cookies, cache or credentials
   * @param authorityHost scheme, host and port alone
   * @param timeout for one whole fetch, both documents together
   */
  AuthorityClient(OkHttpClient http, URI authorityHost, String tenant, Duration timeout) {
    this.http =
        http.newBuilder()
            .followRedirects(false)
            .followSslRedirects(false)
            .cache(null)
            .cookieJar(CookieJar.NO_COOKIES)
            .authenticator(Authenticator.NONE)
            .build();
    this.authorityHost = authorityHost;
    this.tenant = tenant;
    this.timeout = timeout;
  }

  @Override
  public KeySet fetch() throws IOException {
    Deadline deadline = Deadline.after(timeout, Ticker.system());
    URI discovery = authorityHost.resolve("/" + tenant + "/v2.0/.well-known/openid-configuration");
    Map<String, @Nullable Object> document;
    try {
      document = StrictJson.readObject(get(discovery, MAX_DISCOVERY_BYTES, deadline));
    } catch (MalformedJsonException e) {
      throw new IOException("GET " + discovery + ": " + e.getMessage(), e);
    }
    String expected = new Issuers(authorityHost).v2(tenant);
    if (!expected.equals(document.get("issuer"))) {
      throw new IOException("GET " + discovery + ": its issuer is not " + expected);
    }
    URI keys = keysAddress(document.get("jwks_uri"), discovery);
    Object cloud = document.get("cloud_instance_name");
    return KeySetReader.read(
        get(keys, MAX_KEYS_BYTES, deadline), cloud instanceof String name ? name : null);
  }

  private URI keysAddress(@Nullable Object stated, URI discovery) throws IOException {
    if (stated instanceof String text) {
      try {
        URI keys = URI.create(text);
        if (isSameServer(keys)) {
          return keys;
        }
      } catch (IllegalArgumentException notAUri) {
        throw new IOException("GET " + discovery + ": its jwks_uri is not a URI", notAUri);
      }
    }
    throw new IOException(
        "GET " + discovery + ": its jwks_uri is not an https address on the authority's own host");
  }

  private boolean isSameServer(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme())
        && authorityHost.getHost().equalsIgnoreCase(uri.getHost())
        && authorityHost.getPort() == uri.getPort()
        && uri.getRawUserInfo() == null;
  }

  private byte[] get(URI uri, int maxBytes, Deadline deadline) throws IOException {
    Request request =
        new Request.Builder().url(uri.toString()).header("Accept", "application/json").build();
    Call call = begin(http.newCall(request), deadline);
    try (Response response = call.execute()) {
      if (response.code() != 200) {
        throw new IOException("status " + response.code() + ", expected 200");
      }
      byte[] bytes = response.body().byteStream().readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IOException("the body has more than " + maxBytes + " bytes");
      }
      return bytes;
    } catch (IOException e) {
      throw new IOException("GET " + uri + ": " + e.getMessage(), e);
    } finally {
      synchronized (lock) {
        underWay = null;
      }
    }
  }

  private Call begin(Call call, Deadline deadline) throws IOException {
    Duration left = deadline.remaining();
    if (left.isZero()) {
      throw new InterruptedIOException("key fetch: timeout of " + timeout + " passed");
    }
    // A call timeout of OkHttp covers all of it: name, connection, headers and a slow body.
    call.timeout().timeout(left.toNanos(), TimeUnit.NANOSECONDS);
    synchronized (lock) {
      if (isClosed) {
        throw new IOException("key fetch: closed");
      }
      underWay = call;
    }
    return call;
  }

  /** Ends a fetch that is under way; a later one fails at once. */
  @Override
  public void close() {
    Call call;
    synchronized (lock) {
      isClosed = true;
      call = underWay;
    }
    if (call != null) {
      call.cancel();
    }
  }
}
