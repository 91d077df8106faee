// Package controllers stands for sigs.k8s.io/mcs-api/controllers, which is no Go module to be had. Cilium's operator takes this one
// constant from it (pkg/controllers/common.go of sigs.k8s.io/mcs-api v0.1.0), for services of several clusters.
package controllers

// DerivedServiceAnnotation names the Service that was made for a ServiceImport.
const DerivedServiceAnnotation = "multicluster.kubernetes.io/derived-service"
