// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientImpl;
import java.net.http.HttpClient;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Makes fabric8's HTTP client on the JDK's, and beside it one of the same settings (trust, client
 * certificate, proxy) for the WebSockets of the forward, whose sending and aborting fabric8's own
 * interface does not show. Redirects are not followed, as the credentials would go along.
 */
final class HttpClients extends JdkHttpClientFactory {
  private final Executor executor;
  private volatile @Nullable HttpClient webSockets;

  HttpClients(Executor executor) {
    this.executor = executor;
  }

  @Override
  protected HttpClient.Builder createNewHttpClientBuilder() {
    return HttpClient.newBuilder().executor(executor);
  }

  @Override
  protected void additionalConfig(HttpClient.Builder builder) {
    builder.followRedirects(HttpClient.Redirect.NEVER);
    if (webSockets == null) {
      webSockets = builder.build();
    }
  }

  /** The client for WebSockets; fabric8's is built by then. */
  HttpClient webSockets() {
    HttpClient made = webSockets;
    if (made == null) {
      throw new IllegalStateException("fabric8 has not built its client");
    }
    return made;
  }

  /** Nothing: the executor is the API server's, and the JDK's client ends when nobody holds it. */
  @Override
  protected void closeHttpClient(JdkHttpClientImpl client) {
    webSockets = null;
  }
}
