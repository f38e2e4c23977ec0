// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.portforward;

import com.trackunit.fabric.portforward.PortForwardException.Reason;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.Utils;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which API server, and as whom: read by fabric8 (kubeconfig with its exec plugins, else the pod's
 * service account), and then checked.
 *
 * @param kubeconfig null for the usual places: {@code KUBECONFIG}, {@code ~/.kube/config}, the
 *     service account
 * @param context null for the kubeconfig's current one
 */
record ClusterAccess(@Nullable Path kubeconfig, @Nullable String context, boolean insecureAllowed) {
  /** Reads it; an exec plugin runs now. */
  Config load(Duration timeout) {
    Config config;
    try {
      config = read();
    } catch (RuntimeException e) {
      throw unreadable(e);
    }
    requireContext(config);
    requireVerifiedTls(config);
    honourProxyUrl(config);
    int millis = Math.toIntExact(timeout.toMillis());
    config.setConnectionTimeout(millis);
    config.setRequestTimeout(millis);
    // One supervisor tries again, with one backoff; fabric8's own retries would stack up below it.
    config.setRequestRetryBackoffLimit(0);
    config.setWatchReconnectLimit(0);
    return config;
  }

  // A parser quotes what it does not understand, and here that may be a token: no message, no
  // cause.
  private PortForwardException unreadable(RuntimeException e) {
    Throwable inner = e;
    for (int depth = 0; depth < 16 && inner.getCause() != null; depth++) {
      inner = inner.getCause();
    }
    String why =
        inner instanceof FileSystemException ? inner.toString() : inner.getClass().getName();
    return new PortForwardException(
        Reason.NO_CLUSTER, "read " + source() + ": " + why + "; check the file", null);
  }

  @SuppressWarnings("NullAway") // null is fabric8's word for the current context
  private Config read() {
    return kubeconfig == null
        ? Config.autoConfigure(context)
        : Config.fromKubeconfig(context, kubeconfig.toFile());
  }

  private String source() {
    return kubeconfig == null
        ? "the cluster's address and credentials"
        : "kubeconfig " + kubeconfig;
  }

  // fabric8 quietly takes the current context where the one asked for is missing.
  @SuppressWarnings("NullAway") // fabric8 answers null where there is no context
  private void requireContext(Config config) {
    NamedContext found = config.getCurrentContext();
    boolean isInCluster = kubeconfig == null && found == null && context == null;
    boolean hasToken = config.getAutoOAuthToken() != null || config.getOauthToken() != null;
    if (isInCluster && hasToken) {
      return;
    }
    if (found == null || (context != null && !context.equals(found.getName()))) {
      throw new PortForwardException(
          Reason.NO_CLUSTER,
          "read "
              + source()
              + ": "
              + (context == null
                  ? "there is neither a current context nor a service account"
                  : "there is no context " + context)
              + "; name a kubeconfig and one of its contexts",
          null);
    }
  }

  /**
   * A {@code proxy-url: http://...} counts for an https API server too: fabric8 keeps it for plain
   * ones, and would dial the other directly. What only the environment says of plain HTTP stays.
   */
  private static void honourProxyUrl(Config config) {
    String proxy = config.getHttpProxy();
    if (proxy != null
        && !proxy.equals(Utils.getSystemPropertyOrEnvVar(Config.KUBERNETES_HTTP_PROXY))) {
      config.setHttpsProxy(proxy);
    }
  }

  private void requireVerifiedTls(Config config) {
    if (insecureAllowed) {
      return;
    }
    boolean isPlain = config.getMasterUrl().toLowerCase(Locale.ROOT).startsWith("http:");
    if (isPlain || config.isTrustCerts() || config.isDisableHostnameVerification()) {
      throw new PortForwardException(
          Reason.INSECURE,
          "connect to "
              + config.getMasterUrl()
              + ": "
              + source()
              + (isPlain
                  ? " names a server without TLS"
                  : " switches the verification of the server's certificate off"
                      + " (insecure-skip-tls-verify)")
              + ", and whoever stands in between could take the credentials; give the cluster's"
              + " certificate-authority, or allow it with allowInsecureTls()",
          null);
    }
  }
}
