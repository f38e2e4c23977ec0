// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

/** Which object; an empty name means all of the namespace, an empty namespace the cluster. */
record ObjectName(String namespace, String name) {}
